import type { RecordedRequest, Reply, ScriptedToolCall } from '../scripted-provider/index.ts'

/** What stands in `notes.txt`, so that it can only be known by reading it. */
export const secret = 'amber-lantern-4417'
/** What the person asks for in each turn; the second is answered by another model. */
export const prompts = {
  first: 'TURN-ONE: read notes.txt, run a command on it, and write what it says to answer.txt',
  second: 'TURN-TWO: show answer.txt and say what stands in it',
}

/**
 * The model's side of a task of four steps and then one of two: each step is a call of a tool under the name that the client gives it,
 * and is taken only when the result of the step before has come back under the id that was minted for its call.
 *
 * A request without tools is none of the task: clients ask for titles besides.
 */
export function playTask(request: RecordedRequest): Reply {
  if (request.tools.length === 0) return { text: 'A title' }
  const steps = request.prompt.includes('TURN-TWO') ? secondTurn : firstTurn
  const turn = steps === secondTurn ? 'two' : 'one'
  const ids = steps.map((_, index) => callId(request.path, turn, index))
  const taken = request.toolResults.length === 0 ? -1 : ids.indexOf(request.toolResults.at(-1)?.id ?? '')
  if (request.toolResults.length > 0 && taken < 0) {
    return { status: 400, message: `A result came back under an id that was never given: ${request.toolResults.at(-1)?.id}` }
  }
  const [step, id] = [steps[taken + 1], ids[taken + 1]]
  if (step === undefined || id === undefined)
    return { id: `turn_${turn}_end`, text: `DONE-${turn}: ${request.toolResults.at(-1)?.text.trim()}` }
  return {
    id: `turn_${turn}_${taken + 1}`,
    reasoning: `${reasoningMark} ${turn} ${taken + 1}`,
    text: `Step ${taken + 1}.`,
    toolCalls: [{ id, ...step(request.tools) }],
  }
}

/** In every reasoning that a model gives, with the turn after it. */
export const reasoningMark = 'thoughts-of-their-own'

function callId(path: string, turn: string, index: number): string {
  return `${path === '/v1/messages' ? 'toolu' : 'call'}_turn_${turn}_step_${index}`
}

type Step = (tools: readonly string[]) => Omit<ScriptedToolCall, 'id'>

const firstTurn: readonly Step[] = [
  (tools) => readFile(tools, 'notes.txt'),
  (tools) => runCommand(tools, "tr 'a-z' 'A-Z' < notes.txt"),
  (tools) => writeFile(tools, 'answer.txt', `The notes say ${secret}`),
]
const secondTurn: readonly Step[] = [(tools) => runCommand(tools, 'cat answer.txt')]

/** Where a client has no tool of its own for it, it is done by a command. */
function readFile(tools: readonly string[], path: string) {
  if (tools.includes('Read')) return { name: 'Read', input: { file_path: path } }
  if (tools.includes('read')) return { name: 'read', input: { filePath: path } }
  return runCommand(tools, `cat ${path}`)
}

function writeFile(tools: readonly string[], path: string, content: string) {
  if (tools.includes('Write')) return { name: 'Write', input: { file_path: path, content } }
  if (tools.includes('write')) return { name: 'write', input: { filePath: path, content } }
  return runCommand(tools, `printf '%s' '${content}' > ${path}`)
}

function runCommand(tools: readonly string[], command: string) {
  if (tools.includes('Bash')) return { name: 'Bash', input: { command, description: 'Runs a command' } }
  if (tools.includes('bash')) return { name: 'bash', input: { command, description: 'Runs a command' } }
  return { name: 'exec_command', input: { cmd: command } }
}

import type { StartView as Found } from '../../src/console/wire.ts'
import { get } from '../api.ts'
import { visible } from '../format.ts'
import { Card, Facts, Pending, Table, Tag } from '../parts.tsx'
import { linkTo } from '../route.ts'
import { useLoaded } from '../use.ts'

const kinds = { ok: 'good', warn: 'warn', fail: 'bad' } as const
const words = { ok: 'found', warn: 'missing', fail: 'broken' } as const

export function StartView() {
  const loaded = useLoaded('start', (signal) => get<Found>('start', signal))
  return (
    <Pending loaded={loaded}>
      {({ version, data_folder: folder, checks, next }) => (
        <>
          <Card title="Next" id="next">
            <p>{next.why}</p>
            <p class="command">
              <code>{next.command}</code>
            </p>
            <p class="quiet">
              Then look at <a href={linkTo('steps')}>the steps</a>: what asks for an answer appears there at once.
            </p>
          </Card>
          <Card title="What is there, and what is not" id="checks">
            <Table label="What was found" head={['', 'What', '', 'What helps']}>
              {checks.map((one) => (
                <tr key={`${one.check} ${one.message}`}>
                  <td>
                    <Tag kind={kinds[one.state]}>{words[one.state]}</Tag>
                  </td>
                  <th scope="row">{one.check}</th>
                  <td class="words">{visible(one.message)}</td>
                  <td class="words">{one.mend === null ? '' : <code>{visible(one.mend)}</code>}</td>
                </tr>
              ))}
            </Table>
            <p class="quiet">
              <code>signalbox doctor</code> looks deeper, and says how to mend each thing.
            </p>
          </Card>
          <Card title="This Signalbox" id="about">
            <Facts
              of={[
                ['Version', version],
                ['Data', folder],
              ]}
            />
          </Card>
        </>
      )}
    </Pending>
  )
}

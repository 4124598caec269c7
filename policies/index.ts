export { type AnswerCaching, type AnswerUse, answerCachingOf } from './answer-cache.ts'
export { assessStep } from './assess.ts'
export { chanceOf } from './chance.ts'
export { type Boundary, boundaryOf, type Held, holdsAgainst, holdsOnScreen } from './commitments/boundary.ts'
export { ConvertError, type ConvertedPolicy, convertSemanticRouter } from './convert/semantic-router.ts'
export { explainPlan } from './explain.ts'
export { accountForRules, explainRules, type RuleAccount } from './explain-rules.ts'
export {
  type ComputerGuard,
  type ComputerGuard,
  type GroundingGuard,
  isRedactedFor,
  isRedactedFor,
  type PlannedGuard,
  type PlannedGuard,
  type PrivacyGuard,
  type PrivacyGuard,
  type ToolCallsGuard,
} from './guards.ts'
export { type Conversation, nextConversation, seenBy } from './hold/conversation.ts'
export { type HoldFacts, stageLetter, troubleOf } from './hold/of-plan.ts'
export { checkOwnKinds, type OwnKinds } from './own-kinds.ts'
export type { CallerFacts, PermissionFacts, ToolEffect, ToolFacts, ToolOperation } from './permission-conditions.ts'
export { decidePermission, effectInWords, mayRun, mayRunForAll, type Permission, type PermissionDecision } from './permissions.ts'
export { createPlan, domainOf, type Plan, type PlanInput, type SessionStanding } from './plan.ts'
export { type Policy, PolicyError, type PolicySurroundings, parsePolicy } from './policy.ts'
export { diffPolicies, type PolicyDiff } from './policy-diff.ts'
export { type PolicyTestResult, type PolicyTestSurroundings, runPolicyTests } from './policy-tests.ts'
export { readProjections } from './projections.ts'
export { type RecordedStep, recordedStepSchema, recordStep, restoreStep } from './recorded-step.ts'
export { withPolicyHeaders } from './request-headers.ts'
export { type Choice, chooseRule } from './rules.ts'
export type { BanditArm, BanditState, Knowledge, Reputation, ReputationTopic, Stage } from './selectors/knowledge.ts'
export { featuresOf, pace, teach } from './selectors/linucb-arm.ts'
export { pricePrior } from './selectors/prior.ts'
export type { DispatchWay, LearnerChoice, Selector } from './selectors/selector.ts'
export { needsFacts } from './signals/fact-check.ts'
export { readFeedback } from './signals/feedback.ts'
export { type CrossValidated, crossValidate } from './signals/heads/cross-validate.ts'
export { encodeHead } from './signals/heads/file.ts'
export { type Example, fitHead } from './signals/heads/fit.ts'
export { createSignal, signalSchema } from './signals/kinds.ts'
export { compileLinear } from './signals/linear-regex.ts'
export { type SentenceScan, scanSentences } from './signals/safety/scan.ts'
export { type LiveFacts, readSignals, type Signal } from './signals/signal.ts'
export { createStep, modeOf, readOwnWords, type Step, type StepInput } from './step.ts'
export { taintNames } from './taint-facts.ts'
export { givenStep } from './testing/given-step.ts'
export { type PlannedGiven, planGiven } from './testing/plan-given.ts'
export { type Given, givenSchema } from './testing/test-file.ts'
export { askedWords } from './tool-calls/asked-words.ts'
export { type AskedCall, type CallSuspicion, suspicionOf } from './tool-calls/suspicion.ts'
export { mayOffer, refusedTool } from './tool-filter.ts'

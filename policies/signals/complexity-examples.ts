/** What the signal `complexity` compares with unless the policy has examples of its own. */
export const hardExamples = [
  'Prove that there are infinitely many primes of the form 4k + 3.',
  'Design a distributed database that stays consistent when a region fails, and explain the trade-offs.',
  'Find the race condition in this lock-free queue and show why the fix is correct.',
  'Refactor the whole authentication layer to support several tenants without downtime.',
  'Analyse the root cause of this memory leak across three services.',
  'Derive the equations of motion of a double pendulum.',
  'Compare the arguments of both papers and judge which evidence is stronger.',
  'Plan the migration of a monolith to services, with risks and a way back.',
  'Work out the optimal strategy step by step, and justify each step.',
  'Write a compiler pass that removes dead stores and prove that it terminates.',
  'Why does this proof by induction fail? Find the flaw and repair it.',
  'Evaluate the legal consequences of this clause under several jurisdictions.',
] as const

export const easyExamples = [
  'What is the capital of France?',
  'Hello, how are you?',
  'Thanks!',
  'Translate "good morning" into Spanish.',
  'Rename this variable.',
  'What time is it in Tokyo?',
  'Fix the typo in this sentence.',
  'List the files in this folder.',
  'What does HTTP stand for?',
  'Convert 10 miles to kilometres.',
  'Say hello in French.',
  'How do I print a line in Python?',
] as const

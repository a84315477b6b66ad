/** Experiment documents: ORD-100 to ORD-199. */
export const documentCodes = {
  'ORD-100': {
    title: 'The documents cannot be run as they are',
    wayOut: 'Fix each problem at the place shown; `ordeal validate` shows them without running anything.',
  },
  'ORD-101': {
    title: 'The file cannot be read as YAML',
    wayOut: 'Fix the syntax at the place shown.',
  },
  'ORD-102': {
    title: 'The file is too long or too deeply nested',
    wayOut: 'Put the experiments into several files.',
  },
  'ORD-103': {
    title: 'A document is empty or not a map of fields',
    wayOut: 'Write an experiment with apiVersion, kind, metadata and spec, or remove the extra ---.',
  },
  'ORD-104': {
    title: 'An anchor, an alias or a key that is not text',
    wayOut: 'Write values out where they are used, and quote keys that look like numbers or booleans.',
  },
  'ORD-105': {
    title: 'A key appears twice in the same map',
    wayOut: 'Keep one of them.',
  },
  'ORD-106': {
    title: 'A value of the wrong type',
    wayOut: 'Write what the message expects; text that looks like a number or boolean needs quotes.',
  },
  'ORD-107': {
    title: 'An unknown field',
    wayOut: 'Use one of the names suggested; the schema reference lists every field.',
  },
  'ORD-108': {
    title: 'A required field is missing',
    wayOut: 'Add the field that the message names.',
  },
  'ORD-109': {
    title: 'A value that the field does not accept',
    wayOut: 'Use one of the values suggested.',
  },
  'ORD-110': {
    title: 'A number that the field does not accept',
    wayOut: 'Use a number in the range shown. Octal numbers are written 0o644.',
  },
  'ORD-111': {
    title: 'An unknown apiVersion',
    wayOut: 'Use chaos-mesh.org/v1alpha1.',
  },
  'ORD-112': {
    title: 'An unknown kind',
    wayOut: 'Use KernelChaos, IOChaos or Schedule.',
  },
  'ORD-113': {
    title: 'A kind of Chaos Mesh that Ordeal does not support',
    wayOut: 'Use Chaos Mesh for this experiment; both can be installed side by side.',
  },
  'ORD-114': {
    title: 'A duration that cannot be read or makes no sense',
    wayOut: 'Write a Go duration such as 300ms, 1.5h or 2h45m.',
  },
  'ORD-115': {
    title: 'A schedule that cannot be read',
    wayOut: 'Write five or six cron fields, a descriptor such as @hourly, or @every 5m.',
  },
  'ORD-116': {
    title: 'A path pattern that cannot be read',
    wayOut: 'Use *, ?, [abc] or [!abc] inside a component, and ** only as a whole component.',
  },
  'ORD-117': {
    title: 'An invalid name, label or path',
    wayOut: 'Follow the grammar shown in the message.',
  },
  'ORD-118': {
    title: 'The value does not fit the mode',
    wayOut: 'mode fixed needs a count, the percent modes a percentage of 1 to 100, as text.',
  },
  'ORD-119': {
    title: 'Fields that contradict each other, or one that another needs is missing',
    wayOut: 'Write exactly the fields that belong to the action, type or operator.',
  },
  'ORD-120': {
    title: 'A frame of the call chain that names nothing',
    wayOut: 'Give each frame a funcname; only the last may have a predicate alone, over the fault point.',
  },
  'ORD-121': {
    title: 'The experiment has no effect',
    wayOut: 'If this is intended, nothing is wrong; otherwise change the field shown.',
  },
  'ORD-122': {
    title: 'Kernel headers are not needed',
    wayOut: 'Nothing to do. Types come from the BTF of the running kernel.',
  },
  'ORD-123': {
    title: 'A field without effect',
    wayOut: 'Remove it, or change the field that overrides it.',
  },
  'ORD-124': {
    title: 'An unknown error name',
    wayOut: 'Use a name from errno(3), such as EIO, or its number.',
  },
  'ORD-125': {
    title: 'Two experiments of one kind have the same name',
    wayOut: 'Rename one of them.',
  },
  'ORD-126': {
    title: 'The old scheduler field',
    wayOut: 'Write a document of kind Schedule, or a duration beside the scheduler.',
  },
  'ORD-127': {
    title: 'A mistake that damages real files',
    wayOut: 'Leave write out of methods to damage only what is read, or use a volume that can be lost.',
  },
  'ORD-128': {
    title: 'A value that Ordeal accepts and Chaos Mesh does not',
    wayOut: 'Nothing to do, unless Chaos Mesh reads the document, too: then write the value shown.',
  },
  'ORD-129': {
    title: 'More problems in a file than are listed',
    wayOut: 'Fix those that are listed, then look again.',
  },
  'ORD-130': {
    title: 'A count of requests that a program cannot predict',
    wayOut: 'Nothing is wrong if that is meant; otherwise remove the field, or choose another action.',
  },
} as const;

export { movableFiles, raiseDescriptorLimit } from './backing/descriptor-limit.js';
export { FaultFileSystem, type FaultFileSystemOptions } from './fault-file-system.js';
export type { AttrOverride, AttrTime, IoRule, Mistake } from './rules/io-rule.js';
export { METHOD_COUNT, METHODS, type Method, methodOf, UNNAMED } from './rules/method.js';
export { type RuleCount, RuleCounters } from './rules/rule-counters.js';
export { RuleGroup, type RuleGroupOptions } from './rules/rule-group.js';
export { ruleOf } from './rules/rule-of.js';
export { type Dice, RuleSet } from './rules/rule-set.js';
export type { DataPath } from './volume.js';

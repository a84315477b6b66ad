/** Renders the chart without Helm, and applies it. */

export { refuseForeignDefinitions } from './foreign-definitions.js';
export { type InstallEvent, install, manifestsOf, manifestsText } from './install.js';
export { installedVersion } from './installed-objects.js';
export { chartVersion, type Manifest, type Release } from './render-chart.js';
export { type UninstallOptions, uninstall } from './uninstall.js';
export { mergedValues, type Values, valueFromText, valuesFromYaml } from './values.js';

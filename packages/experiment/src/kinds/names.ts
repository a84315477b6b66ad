/** A DNS label: names of namespaces (Kubernetes "Object Names and IDs"). */
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** A part of a label's key or value. */
const LABEL_PART = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** The problem of a namespace's name, if any. */
export function wrongNamespace(text: string): string | undefined {
  if (DNS_LABEL.test(text)) return undefined;
  return `'${text}' is not a namespace name: up to 63 of a-z, 0-9 and '-', no '-' at the ends`;
}

/** The problem of an object's name, if any. */
export function wrongObjectName(text: string): string | undefined {
  if (text.length <= 253 && text.split('.').every((part) => DNS_LABEL.test(part))) return undefined;
  return `'${text.slice(0, 80)}' is not an object name: a-z, 0-9, '-' and '.', a letter or digit at both ends`;
}

/** The problem of a label's value, if any. */
export function wrongLabelValue(text: string): string | undefined {
  if (text === '' || LABEL_PART.test(text)) return undefined;
  return `'${text.slice(0, 80)}' is not a label value: up to 63 letters, digits, '-', '_' and '.'`;
}

/** The problem of a label's key, if any. An optional prefix ends with `/`. */
export function wrongLabelKey(text: string): string | undefined {
  const slash = text.indexOf('/');
  const prefixed = slash === -1 || wrongObjectName(text.slice(0, slash)) === undefined;
  if (prefixed && LABEL_PART.test(text.slice(slash + 1))) return undefined;
  return `'${text.slice(0, 80)}' is not a label key: [prefix/]name of letters, digits, '-', '_' and '.'`;
}

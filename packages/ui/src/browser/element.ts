/** Makes an element; what is a text is a text, never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

/** A labelled control: the label comes first. */
export function labelled(text: string, control: HTMLElement): [HTMLLabelElement, HTMLElement] {
  return [element('label', { for: control.id }, text), control];
}

/** Sets a text where it is another one, so that what is selected stays selected. */
export function say(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** An element that the page was served with. */
export function part(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no #${id}`);
  return found;
}

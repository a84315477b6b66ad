/** Splits a stream into lines and reads each as JSON. The last line may lack its newline. */
export async function* jsonLines<T>(stream: AsyncIterable<Buffer>): AsyncGenerator<T> {
  const pieces: Buffer[] = [];
  for await (const chunk of stream) {
    let rest = chunk;
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      pieces.push(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
      const line = Buffer.concat(pieces.splice(0)).toString();
      if (line.trim() !== '') yield JSON.parse(line);
    }
    if (rest.length > 0) pieces.push(rest);
  }
  const line = Buffer.concat(pieces).toString();
  if (line.trim() !== '') yield JSON.parse(line);
}

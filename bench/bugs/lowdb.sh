#!/bin/sh
# lowdb.sh: two updates of a database of lowdb 7.0.1 (npm), which renames a new file over the old one.
. "$(dirname "$0")/setup.sh"
modules=$root/.cache/bugs/lowdb
mkdir -p "$modules"
[ -d "$modules/node_modules/lowdb" ] || npm install --silent --no-save --prefix "$modules" lowdb@7.0.1
cat > "$modules/update.mjs" <<'END'
import { JSONFilePreset } from 'lowdb/node';
const db = await JSONFilePreset(process.argv[2], { count: 0 });
for (let n = 0; n < 2; n++) {
  await db.update((data) => data.count++);
  console.log(db.data.count);
}
END
echo '{"count":5}' > "$volume/db.json"
cat > "$modules/check.mjs" <<'END'
import { readFileSync } from 'node:fs';
const [path, said] = process.argv.slice(2);
const text = readFileSync(path, 'utf8');
const fail = (why) => {
  console.log(why);
  process.exit(1);
};
if (!/^{\s*"count": *\d+\s*}\s*$/.test(text)) fail(`no JSON: ${JSON.stringify(text)}`);
if (JSON.parse(text).count < Number(said)) fail(`${text} is older than ${said}, which it had reported`);
END
# Whole, and not older than what it has said.
check="said=\$(tail -n 1); node $modules/check.mjs $volume/db.json \${said:-5}"
cut_power ordered "$check" node "$modules/update.mjs" "$volume/db.json"

/** Writes at once what comes, which `head` does not; what is kept can be read while the pipe is still open. */
const keeper = `
const { openSync, writeFileSync, writeSync } = require("node:fs");
const [, file, most] = process.argv;
const kept = openSync(file, "a");
let left = Number(most);
process.stdin.on("data", (chunk) => {
  if (left > 0) left -= writeSync(kept, chunk.subarray(0, left));
});
process.stdin.on("end", () => writeFileSync(file + ".kept", ""));
`;

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/**
 * Shell functions for programs whose output may be without end. `bounded FILE BYTES COMMAND…` keeps the first bytes of what the command
 * prints; the rest is read and dropped, so that the command is neither held up nor ended for it. Answers with the command's exit code.
 * What the command has left running may still hold the pipe, and is not waited for.
 */
export const boundedOutput = `
bounded() {
  out=$1; most=$2; shift 2
  rm -f "$out.pipe" "$out.kept"
  mkfifo "$out.pipe" || return 125
  ${quoted(process.execPath)} -e ${quoted(keeper)} "$out" "$most" <"$out.pipe" &
  "$@" >"$out.pipe" 2>&1
  code=$?
  tries=0
  while [ ! -e "$out.kept" ] && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
  rm -f "$out.pipe" "$out.kept"
  return $code
}
`;

/** A satellite of `mode: worker` in shell: `answer` is run for each request, with its line in `$line` and its nonce in `$nonce`. */
export function shellWorker(answer: string, before = ''): string {
  return `${before}
read -r hello
echo '{"exosphere":1,"ready":true}'
while read -r line; do
  nonce=$(echo "$line" | sed 's/.*"nonce":"\\([0-9a-f]*\\)".*/\\1/')
  ${answer}
done`;
}

/** For `answer`: one object, `{"a":1}`. */
export const answersOne = 'echo "{\\"nonce\\":\\"$nonce\\",\\"objects\\":[{\\"a\\":1}]}"';

#!/usr/bin/env bash
# Five stories over REST with curl and jq: see examples/README.md.
#
#   examples/curl/stories.sh photo.jpg
set -euo pipefail

url=${ZHAOHUO_REST_URL:-http://127.0.0.1:8080}/v1
photo=$1
key=()
[[ -z ${ZHAOHUO_API_KEY:-} ]] || key=(-H "x-api-key: $ZHAOHUO_API_KEY")

# ask prints the answer, also that of an error, which makes it fail.
ask() { curl --silent --show-error --fail-with-body --max-time 60 "${key[@]}" "$@"; }
json=(-H 'content-type: application/json' --data)

echo '# keyword'
ask --get "$url/products:keywordSearch" --data-urlencode keyword=蓝牙耳机 --data pageSize=5 | jq -r '.products[].id'

echo '# photo'
# The photo is read while it is sent.
ask --request POST -H 'content-type: image/jpeg' -H 'transfer-encoding: chunked' --upload-file "$photo" \
    "$url/products:uploadImageSearch?pageSize=5" | jq -r '.response.products[].id'

echo '# batch'
# Each line of the answer is {"result": …} with a page or the progress, and the token that goes on after it.
request='{"keywords": ["蓝牙耳机", "手机壳", "保温杯"], "pageSize": 3}'
exec {answer}< <(ask --no-buffer "${json[@]}" "$request" "$url/products:batchKeywordSearch")
while read -r -u "$answer" line; do
    [[ $(jq '.result | has("result")' <<<"$line") == false ]] || break
done
exec {answer}<&- # Leave after the first page.
rest=$(jq --arg token "$(jq -r .result.resumeToken <<<"$line")" '.resumeToken = $token' <<<"$request")
{ echo "$line" && ask "${json[@]}" "$rest" "$url/products:batchKeywordSearch"; } |
    jq -r --slurp --argjson request "$request" '
        [.[].result.result | select(.)] as $pages | $request.keywords[] as $keyword
        | $pages[] | select(.keyword == $keyword).response.products[].id'

echo '# error'
# An error has its reason in one of its details, and the wrong fields in another.
curl --silent --max-time 60 "${key[@]}" --get "$url/products:keywordSearch" --data-urlencode 'keyword= ' |
    jq -r '[.details[] | .reason // empty, (.fieldViolations // [])[].field] | join(" ")'

echo '# strategy'
ask "${json[@]}" '{"keyword": "蓝牙耳机", "quantity": 10}' "$url/combo:comparePrices" | jq -r '.similar.offers[:5][].product.id'

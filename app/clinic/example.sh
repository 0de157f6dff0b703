#!/bin/sh
# Gives one file to a person's wallet, with curl, age and openssl alone.
#
#     example.sh FILE NAME < code.txt
#
# code.txt holds the drop code for systems that the person gave, a link:
# https://<viewer>/drop#<payload>. NAME is who it is from, as the person reads it.
# The person decides whether the file becomes a record.
#
# age has to know hybrid recipients (age1pq1…): version 1.3 or later. What is sent
# here is unsigned, so the person is told that anybody with the code may have sent
# it; potli-clinic signs. A test runs this file as it stands.
set -eu
umask 077
[ $# -eq 2 ] || { echo "usage: example.sh FILE NAME < code" >&2; exit 2; }
file=$1 name=$2
case $name in *[\"\\]*) echo "the name may not have quotes or backslashes" >&2; exit 2 ;; esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }          # base64url without padding
sha() { openssl dgst -sha256 -binary | base64url; }                    # SHA-256, so written
member() { sed -n 's/.*"'"$1"'":"\{0,1\}\([^",}]*\).*/\1/p'; }       # of a JSON object without nesting

# 1. Read the code: all of it stands behind the "#".
payload=$(sed -n 's/.*\/drop#\([A-Za-z0-9_-]*\).*/\1/p' | head -n 1 | tr '_-' '/+')
while [ $((${#payload} % 4)) -ne 0 ]; do payload="$payload="; done
printf %s "$payload" | openssl base64 -d -A > "$work/code"
relay=$(member relay < "$work/code") mailbox=$(member id < "$work/code")
to=$(member to < "$work/code") expires=$(member exp < "$work/code")
case $relay in https://* | http://localhost:*) ;; *) relay= ;; esac
case $mailbox in *[!A-Za-z0-9_-]*) mailbox= ;; esac
[ -n "$relay" ] && [ ${#mailbox} -eq 43 ] || { echo "this is no drop code, or a damaged one" >&2; exit 3; }
[ -n "$to" ] || { echo "this code is for browsers: ask for one for systems" >&2; exit 3; }
[ "$(date +%s)" -lt "$expires" ] || { echo "the drop code has expired" >&2; exit 3; }

# 2. Ask the relay whom to seal to. It counts only if the code has its hash: the
#    relay could otherwise name itself. Addresses go through a file, since other
#    users of the machine see arguments.
ask() { # METHOD, BODY or nothing: prints the answer, then its status on a line
  { echo "url = \"$relay/m/$mailbox\""; echo "request = $1"
    [ -z "${2-}" ] || { echo "data-binary = \"@$2\""; echo 'header = "Content-Type: application/json"'; }
  } > "$work/curl"
  curl --silent --proto =http,https --retry 3 --max-time 300 --write-out '\n%{http_code}' --config "$work/curl" ||
    { echo "no answer; try again later" >&2; exit 4; }
}
recipient=$(ask GET | member note | head -n 1)
[ -n "$recipient" ] || { echo "the mailbox is no longer there: it expired, or the person ended it" >&2; exit 3; }
[ "$(printf %s "$recipient" | sha)" = "$to" ] || { echo "the relay names another recipient than the code; nothing was sent" >&2; exit 6; }

# 3. Write the message. It is bound to the mailbox by its hash. Of what kind the
#    file is, the wallet sees by its bytes.
{ printf '{"v":"potli-message/1","type":"documents","id":"%s","to":"%s","at":%s,"from":{"name":"%s"},"documents":[{"type":"application/octet-stream","body":"' \
    "$(openssl rand 16 | base64url)" "$(printf %s "$mailbox" | sha)" "$(date +%s)" "$name"
  base64url < "$file"
  printf '"}]}'
} > "$work/message"

# 4. Fill up with spaces to a Padmé size of 1,024 bytes or more, so that the length
#    tells little. The relay takes nothing else.
size=$(wc -c < "$work/message"); [ "$size" -gt 1024 ] || size=1024
e=0; while [ $((size >> (e + 1))) -gt 0 ]; do e=$((e + 1)); done     # floor(log2 size)
s=0; while [ $((e >> s)) -gt 0 ]; do s=$((s + 1)); done              # bits that e takes
step=$((1 << (e - s)))
size=$(((size + step - 1) / step * step))
head -c $((size - $(wc -c < "$work/message"))) /dev/zero | tr '\0' ' ' >> "$work/message"

# 5. Seal and send. The id is the same for every try, so that it is stored once.
{ printf '{"id":"%s","sealed":"' "$(openssl rand 16 | base64url)"
  age -r "$recipient" "$work/message" | base64url
  printf '"}'
} > "$work/deposit"
case $(ask POST "$work/deposit" | tail -n 1) in
  201) echo '{"sent":true}' ;;
  404|410) echo "the mailbox is no longer there: it expired, or the person ended it" >&2; exit 3 ;;
  429|5??) echo "no room, or too busy; try again later" >&2; exit 4 ;;
  *) echo "the relay refused" >&2; exit 3 ;;
esac

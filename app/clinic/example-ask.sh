#!/bin/sh
# Asks a person for records and waits for the answer, with curl, age and openssl alone.
#
#     example-ask.sh VIEWER RELAY NAME FOLDER [MINUTES]
#
# VIEWER and RELAY are origins: https://view.example https://relay.example. NAME is who
# asks, as the person reads it. The first line of the output is a link that the person
# scans as a QR code, or opens. What comes until a delivery is there, or MINUTES (30)
# are over, is written into FOLDER, one file of JSON a message, and told in a line each.
# Ctrl-C ends the waiting; with it, as with its end, the mailbox for the answer is gone.
#
# age and age-keygen have to know hybrid recipients: version 1.3 or later. The request
# is unsigned, so the person is told that anybody may have made it; potli-clinic signs,
# and also verifies who answered, which this example does not. A test runs this file as
# it stands.
set -eu
umask 077
[ $# -ge 4 ] || { echo "usage: example-ask.sh VIEWER RELAY NAME FOLDER [MINUTES]" >&2; exit 2; }
viewer=${1%/} relay=${2%/} name=$3 folder=$4 minutes=${5-30}
case $name in *[\"\\]*) echo "the name may not have quotes or backslashes" >&2; exit 2 ;; esac
case $relay in https://* | http://localhost:*) ;; *) echo "the relay is no https address" >&2; exit 2 ;; esac
mkdir -p "$folder"

work=$(mktemp -d)
opened=
finish() { [ -z "$opened" ] || own DELETE "" > /dev/null 2>&1 || :; rm -rf "$work"; }
trap finish EXIT
trap 'exit 130' INT TERM
base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }          # base64url without padding
sha() { openssl dgst -sha256 -binary | base64url; }                    # SHA-256, so written
bytes() { # of base64url
  tr -d '\n=' | tr '_-' '/+' > "$work/b64"
  case $(($(wc -c < "$work/b64") % 4)) in 2) printf == >> "$work/b64" ;; 3) printf = >> "$work/b64" ;; esac
  openssl base64 -d -A -in "$work/b64"
}
member() { sed -n 's/.*"'"$1"'":"\{0,1\}\([^",}]*\).*/\1/p'; }       # of a JSON object without nesting

# own METHOD PATH [BODY]: a request of the mailbox's owner; prints the answer, then its
# status on a line. Addresses and the token go through a file, since other users of the
# machine see arguments.
own() {
  { echo "url = \"$relay/v1/mailboxes/$mailbox$2\""; echo "request = $1"; echo "header = \"Authorization: Bearer $token\""
    [ "$1" != PUT ] || echo 'header = "If-None-Match: *"'
    [ -z "${3-}" ] || { echo "data-binary = \"@$3\""; echo 'header = "Content-Type: application/json"'; }
  } > "$work/curl"
  curl --silent --proto =http,https --max-time 300 --write-out '\n%{http_code}' --config "$work/curl" || printf '\n000'
}

# 1. A recipient for this one answer, and a mailbox that tells it to whoever answers. The
#    relay keeps the hash of the token, and has no key that opens anything.
age-keygen -pq -o "$work/identity" 2> "$work/note" || { cat "$work/note" >&2; exit 5; }
recipient=$(age-keygen -y "$work/identity")
mailbox=$(openssl rand 32 | base64url) token=$(openssl rand 32 | base64url)
printf '{"token":"%s","life":%s,"entries":100,"bytes":104857600,"note":"%s"}' \
  "$(printf %s "$token" | sha)" $((minutes * 60 + 3600)) "$recipient" > "$work/open"
case $(own PUT "" "$work/open" | tail -n 1) in
  200|201) opened=yes ;;
  428|429|000|5??) echo "the relay cannot be reached, or is too busy; try again later" >&2; exit 4 ;;
  *) echo "the relay refused" >&2; exit 3 ;;
esac

# 2. The request: why, what, of which days, until when. The recipient is in it by its
#    hash, so that the relay cannot put another one in its place.
now=$(date +%s)
printf '{"v":"potli-consent-request/1","id":"%s","from":{"name":"%s"},"purpose":{"code":"CAREMGT"},"kinds":["DiagnosticReport","Prescription"],"dates":{},"until":%s,"repeat":"once","after":"view","notice":{},"reply":{"relay":"%s","id":"%s","to":"%s"},"issued":%s,"expires":%s}' \
  "$(openssl rand 16 | base64url)" "$name" $((now + 30 * 86400)) "$relay" "$mailbox" "$(printf %s "$recipient" | sha)" "$now" $((now + minutes * 60)) > "$work/request"
printf '%s/ask#%s\n' "$viewer" "$(base64url < "$work/request")"

# 3. What came: fetched, opened, read, kept, and only then erased at the relay.
seen=0 delivered= end=$((now + minutes * 60))
take() { # NUMBER, with the sealed text in $work/sealed
  bytes < "$work/sealed" | age -d -i "$work/identity" > "$work/plain" 2> /dev/null || { echo "$1 does not open" >&2; return 0; }
  case $(head -c 1 "$work/plain") in
    '{') cat "$work/plain" > "$work/message" ;;
    *) cut -d . -f 2 < "$work/plain" | bytes > "$work/message" ;;  # signed: header.message.signature
  esac
  to=$(printf %s "$mailbox" | sha)
  grep -q "\"to\":\"$to\"" "$work/message" || { echo "$1 was written for somebody else" >&2; return 0; }
  type=$(grep -o '"type":"\(answer\|delivery\|receipt\|revoked\)"' "$work/message" | head -n 1 | member type)
  cp "$work/message" "$folder/$1.json"
  printf '{"type":"%s","file":"%s"}\n' "$type" "$folder/$1.json"
  [ "$type" != delivery ] || delivered=yes
}
while [ -z "$delivered" ] && [ "$(date +%s)" -lt "$end" ]; do
  own GET "/entries?after=$seen&wait=25" > "$work/list"
  case $(tail -n 1 "$work/list") in
    200) ;;
    404) echo "the mailbox is no longer there" >&2; exit 3 ;;
    *) sleep 5; continue ;;
  esac
  tr '{' '\n' < "$work/list" | grep '"seq"' > "$work/entries" || continue
  while read -r entry; do
    number=$(printf '%s\n' "$entry" | member seq)
    printf '%s\n' "$entry" | member sealed > "$work/sealed"
    [ -s "$work/sealed" ] || own GET "/entry?seq=$number" | sed '$d' > "$work/sealed"
    take "$number"
    printf '{"seqs":[%s]}' "$number" > "$work/ack"
    own POST /ack "$work/ack" > /dev/null
    seen=$number
  done < "$work/entries"
done
[ -n "$delivered" ] || { echo "nothing was delivered in time" >&2; exit 4; }

#!/bin/sh
# usage: sh run.sh [ouroteam command ...]
[ $# -gt 0 ] || set -- ouroteam
exec "$@" oracle --units 'units/*.c' --good 'cc -O1 -c {unit} -o {out}' --suspect 'sh suspect-cc -c {unit} -o {out}' \
  --test 'cc {outs} -o {dir}/program && {dir}/program'

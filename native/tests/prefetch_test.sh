#!/bin/sh
# prefetch_test.sh LIBRARY: whether the kernels that read weights and caches from memory still ask for them ahead, in the machine code and
# on every instruction set: a compiler may drop a prefetch that it thinks without effect, and no result would tell.
set -eu

if ! code=$(objdump -d -C --no-show-raw-insn "$1"); then
  echo "objdump cannot read $1" >&2
  exit 1
fi
missing=0
for isa in $(printf '%s\n' "$code" | sed -n 's/^[0-9a-f]* <seal::\([a-z0-9_]*\)::sum_of_squares(float const\*, long)>:$/\1/p'); do
  sets="${sets-}$isa "
  for operand in "seal::Product const" "seal::QuantizedProduct const" "DecodeAttention const|RowsAhead<"; do
    found=$(printf '%s\n' "$code" | awk -v isa="seal::$isa::" -v operand="$operand" '
      /^[0-9a-f]+ </ { within = index($0, isa) && $0 ~ operand }
      within && /prefetch|prfm/ { found++ }
      END { print found + 0 }')
    echo "$isa, $operand: $found"
    [ "$found" -gt 0 ] || missing=1
  done
done
if [ -z "${sets-}" ]; then
  echo "no table of kernels found in $1" >&2
  exit 1
fi
exit $missing

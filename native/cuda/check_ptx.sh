#!/usr/bin/env bash
# Compiles every .cu file with kernels to PTX for sm_80 and sm_90, without a CUDA SDK, and reads what came out: no kernel may keep a
# variable in local memory or call a function, and what is meant to run on tensor cores and asynchronous copies must say so.
# Usage: check_ptx.sh OUTPUT_FOLDER. CLANG names the compiler; 19 is the one that is checked.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
out=$1
clang=${CLANG:-clang-19}
mkdir -p "$out"

compile() {
    "$clang" -x cuda --cuda-device-only -nocudainc -nocudalib --cuda-gpu-arch="$2" --cuda-feature=+ptx78 -std=c++20 -O2 -ffp-contract=off \
        -Wall -Wextra -Werror -I. -I../include -I../cpu -S "$1" -o "$out/$(basename "$1" .cu).$2.ptx"
}
export -f compile
export out clang

# The largest first, so that they do not end alone.
grep -lE '^struct \w+Kernel \{' ./*.cu | xargs ls -S | sed 's/.*/& sm_80\n& sm_90/' | xargs -P "$(nproc)" -L 1 bash -c 'compile "$0" "$1"' || exit 1

failed=0
complain() {
    echo "$1"
    failed=1
}
for file in "$out"/*.ptx; do
    grep -q '\.entry' "$file" || complain "$file: no kernel"
    grep -qE '__local_depot|(ld|st)\.local' "$file" && complain "$file: variables in local memory"
    grep -q 'call\.uni' "$file" && complain "$file: a function that was not inlined"
done
for name in product linear_cross_entropy causal_attention causal_attention_backward; do
    for instruction in mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 ldmatrix.sync cp.async.cg.shared.global fma.rn.f32 ld.shared.v4; do
        for arch in sm_80 sm_90; do
            grep -qF "$instruction" "$out/$name.$arch.ptx" || complain "$name.$arch.ptx: no $instruction"
        done
    done
done
((failed == 0)) && echo "$(cat "$out"/*.ptx | grep -c '\.entry') kernels in $(ls "$out"/*.ptx | wc -l) files of PTX"
exit "$failed"

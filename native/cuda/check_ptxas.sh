#!/usr/bin/env bash
# Reads what ptxas said of every kernel while CMake built libseal_cuda (-Xptxas -v): a table of registers, stack, spilled bytes and the blocks of 128
# threads that the registers of one multiprocessor hold (65,536; their dynamic shared memory, which ptxas does not know, may allow fewer).
# Fails where a kernel spills more than 64 bytes: today's most, a few registers before or behind a main loop; one that spills in its loop has hundreds.
# Usage: cmake --build BUILD --target seal_cuda 2>&1 | tee build.log; check_ptxas.sh build.log
set -uo pipefail
[[ $# == 1 && -r $1 ]] || { echo "usage: check_ptxas.sh LOG, what the build of libseal_cuda printed" >&2; exit 2; }
c++filt < "$1" | awk '
    function blocks(registers,   granted) {
        granted = int((registers + 7) / 8) * 8 * 128
        return granted > 65536 / 16 ? int(65536 / granted) : 16
    }
    /Compiling entry function/ {
        match($0, /for .sm_[0-9]+/); arch = substr($0, RSTART + 5, RLENGTH - 5)
        name = $0
        sub(/.*entry function ./, "", name)
        entry = name ~ /recorded_kernel/ ? "recorded" : "eager"
        gsub(/seal::cuda::|\(anonymous namespace\)::/, "", name)
        sub(/^void (eager|recorded)_kernel</, "", name); sub(/ *>\(.*/, "", name)
    }
    /bytes stack frame/ { stack = $1; spilled = $5 }
    /Used [0-9]+ registers/ {
        match($0, /Used [0-9]+/); registers = substr($0, RSTART + 5, RLENGTH - 5)
        printf "%-60s %-8s %-6s %9d %6d %6d %7d\n", name, entry, arch, registers, stack, spilled, blocks(registers)
        count++
        if (spilled > 64) failed++
        if (spilled > 0) some++
    }
    BEGIN { printf "%-60s %-8s %-6s %9s %6s %6s %7s\n", "kernel", "entry", "arch", "registers", "stack", "spills", "blocks" }
    END {
        printf "%d entries, %d spill, %d more than 64 bytes\n", count, some, failed
        exit count == 0 || failed > 0
    }'

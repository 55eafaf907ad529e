// Checks for the test programs: one that fails is printed with its place; the program's exit status counts them.
#pragma once

#include <cstdio>
#include <source_location>
#include <string>

namespace seal {

inline int failures = 0;

inline void check(bool holds, const std::string& what, std::source_location at = std::source_location::current())
{
    if (holds)
        return;
    failures++;
    std::fprintf(stderr, "%s:%u: does not hold: %s\n", at.file_name(), static_cast<unsigned>(at.line()), what.c_str());
}

inline int result()
{
    return failures == 0 ? 0 : 1;
}

}  // namespace seal

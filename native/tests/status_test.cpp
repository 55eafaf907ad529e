#include "check.hpp"
#include "status.hpp"

#include <cstring>
#include <thread>

using seal::check;

static std::string last_error()
{
    char text[2048];
    seal_last_error(text, sizeof(text));
    return text;
}

static void every_exception_becomes_a_status()
{
    check(seal::guarded([] {}) == SEAL_OK, "no exception is OK");
    check(seal::guarded([] { throw seal::Error(SEAL_UNAVAILABLE, "no such thing"); }) == SEAL_UNAVAILABLE, "an Error keeps its status");
    check(last_error() == "no such thing", "an Error keeps its text");
    check(seal::guarded([] { throw std::bad_alloc(); }) == SEAL_OUT_OF_MEMORY, "bad_alloc is out of memory");
    check(seal::guarded([] { throw std::runtime_error("what"); }) == SEAL_INTERNAL, "another exception is internal");
    check(last_error() == "what", "another exception keeps its text");
    check(seal::guarded([] { throw 3; }) == SEAL_INTERNAL, "anything thrown is internal");
}

static void a_text_is_cut_to_the_buffer()
{
    seal::fail(SEAL_INTERNAL, "0123456789");
    char four[4] = {'x', 'x', 'x', 'x'};
    check(seal_last_error(four, 4) == 10, "the whole length is returned");
    check(std::strcmp(four, "012") == 0, "the text is cut and ended");
    check(seal_last_error(nullptr, 0) == 10, "a null buffer asks for the length");
    char untouched = 'x';
    seal_last_error(&untouched, 0);
    check(untouched == 'x', "no capacity, no write");
    seal_last_error(&untouched, -5);
    check(untouched == 'x', "negative capacity, no write");
}

static void a_very_long_text_is_kept_in_part()
{
    seal::fail(SEAL_INTERNAL, std::string(5000, 'a').c_str());
    check(last_error() == std::string(1023, 'a'), "the first 1023 bytes stay");
}

static void every_thread_has_its_own_text()
{
    seal::fail(SEAL_INTERNAL, "mine");
    std::thread([] {
        check(last_error().empty(), "a new thread has no text");
        seal::fail(SEAL_INTERNAL, "other");
    }).join();
    check(last_error() == "mine", "another thread's failure leaves this one's text");
}

int main()
{
    every_exception_becomes_a_status();
    a_text_is_cut_to_the_buffer();
    a_very_long_text_is_kept_in_part();
    every_thread_has_its_own_text();
    return seal::result();
}

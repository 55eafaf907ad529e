#include "check.hpp"
#include "cpu_features.hpp"
#include "isa.hpp"

#include <cstdlib>

using seal::check;

static int32_t threads_of(const SealEngine* engine)
{
    int32_t threads = -1;
    check(seal_engine_threads(engine, &threads) == SEAL_OK, "threads are told");
    return threads;
}

static SealIsa isa_of(const SealEngine* engine)
{
    SealIsa isa = -1;
    check(seal_engine_isa(engine, &isa) == SEAL_OK, "the instruction set is told");
    return isa;
}

static void defaults_are_the_whole_machine()
{
    unsetenv("SEAL_ISA");
    unsetenv("SEAL_THREADS");
    SealEngine* engine = nullptr;
    check(seal_engine_create(0, nullptr, &engine) == SEAL_OK, "an engine with defaults");
    check(threads_of(engine) == seal::cpu_features().cores, "one thread a core");
    check(isa_of(engine) == seal::best_isa(seal::cpu_features()), "the best instruction set");
    seal_engine_destroy(engine);
}

static void the_environment_is_heard_and_the_argument_wins()
{
    SealEngine* engine = nullptr;
    setenv("SEAL_ISA", "portable", 1);
    check(seal_engine_create(3, nullptr, &engine) == SEAL_OK, "SEAL_ISA is a known name");
    check(isa_of(engine) == SEAL_ISA_PORTABLE && threads_of(engine) == 3, "SEAL_ISA is heard");
    seal_engine_destroy(engine);

    setenv("SEAL_ISA", "nonsense", 1);
    check(seal_engine_create(1, "portable", &engine) == SEAL_OK, "an argument hides SEAL_ISA");
    seal_engine_destroy(engine);
    check(seal_engine_create(1, nullptr, &engine) == SEAL_BAD_ARGUMENT, "a wrong SEAL_ISA is refused");
    check(engine == nullptr, "a failure leaves null");
    unsetenv("SEAL_ISA");
}

static void threads_come_from_the_environment()
{
    SealEngine* engine = nullptr;
    setenv("SEAL_THREADS", "2", 1);
    check(seal_engine_create(0, "portable", &engine) == SEAL_OK && threads_of(engine) == 2, "SEAL_THREADS is heard");
    seal_engine_destroy(engine);
    check(seal_engine_create(1, "portable", &engine) == SEAL_OK && threads_of(engine) == 1, "an argument hides SEAL_THREADS");
    seal_engine_destroy(engine);
    for (const char* wrong : {"0", "-1", "two", " 2", "2x", "1025", "99999999999"}) {
        setenv("SEAL_THREADS", wrong, 1);
        check(seal_engine_create(0, "portable", &engine) == SEAL_BAD_ARGUMENT, std::string("SEAL_THREADS=") + wrong + " is refused");
    }
    unsetenv("SEAL_THREADS");
}

static void bad_arguments_are_refused()
{
    SealEngine* engine = nullptr;
    int32_t threads = 0;
    check(seal_engine_create(-1, nullptr, &engine) == SEAL_BAD_ARGUMENT, "-1 threads");
    check(seal_engine_create(1025, nullptr, &engine) == SEAL_BAD_ARGUMENT, "1025 threads");
    check(seal_engine_create(1, nullptr, nullptr) == SEAL_BAD_ARGUMENT, "nowhere to put it");
    check(seal_engine_threads(nullptr, &threads) == SEAL_BAD_ARGUMENT, "threads of null");
    check(seal_engine_isa(nullptr, nullptr) == SEAL_BAD_ARGUMENT, "instruction set of null");
    seal_engine_destroy(nullptr);
}

static void steps_are_done_at_once()
{
    SealEngine* engine = nullptr;
    check(seal_engine_create(1, "portable", &engine) == SEAL_OK, "an engine");
    float x[2] = {1, 2}, y[2] = {3, 4};
    check(seal_step_begin(engine, 2) == SEAL_OK && seal_add(engine, SEAL_F32, x, y, 2) == SEAL_OK, "a step");
    check(y[0] == 4 && y[1] == 6, "the processor puts nothing off");
    SealStepCounts counts{1, 1, 1, 1};
    check(seal_step_end(engine) == SEAL_OK && seal_step_abandon(engine) == SEAL_OK && seal_engine_steps(engine, &counts) == SEAL_OK, "its end");
    check(counts.graphs == 0 && counts.updates == 0 && counts.replays == 0 && counts.copies == 0, "no graph is made");
    check(seal_step_begin(engine, 0) == SEAL_BAD_ARGUMENT && seal_step_begin(nullptr, 1) == SEAL_BAD_ARGUMENT, "a step without rows or engine");
    seal_engine_destroy(engine);
}

int main()
{
    defaults_are_the_whole_machine();
    the_environment_is_heard_and_the_argument_wins();
    threads_come_from_the_environment();
    steps_are_done_at_once();
    bad_arguments_are_refused();
    return seal::result();
}

// Every detection of the emulation is shown at work, and next to it the same kernel done right, which must not be accused.
#include "check.hpp"
#include "../emulation/cuda.hpp"

#include <cmath>
#include <csignal>
#include <functional>
#include <random>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace seal {

namespace {

using namespace cuda;
using emulation::Fault;
using emulation::machine;

constexpr uint32_t all = 0xffffffffu;

// A device's memory, with these values.
template <typename T>
class OnDevice {
public:
    explicit OnDevice(const std::vector<T>& values) : count_(static_cast<int64_t>(values.size())), memory_(emulation::device_space.allocate(bytes()))
    {
        emulation::device_space.write(memory_, values.data(), bytes());
    }

    ~OnDevice() { emulation::device_space.free(memory_); }
    OnDevice(const OnDevice&) = delete;
    OnDevice& operator=(const OnDevice&) = delete;

    Global<T> view() const { return {static_cast<T*>(memory_), count_}; }
    int64_t bytes() const { return count_ * static_cast<int64_t>(sizeof(T)); }

    std::vector<T> read() const
    {
        std::vector<T> values(static_cast<size_t>(count_));
        emulation::device_space.read(memory_, values.data(), bytes());
        return values;
    }

private:
    const int64_t count_;
    void* const memory_;
};

// What the emulation found, or nothing.
std::string found(uint32_t threads, int64_t shared_bytes, const std::function<void()>& kernel, uint32_t blocks = 1)
{
    try {
        machine.run("kernel", {blocks, 1, 1}, {threads, 1, 1}, shared_bytes, kernel);
        return "";
    } catch (const Fault& fault) {
        return fault.what();
    }
}

void finds(const std::string& what, const std::string& text)
{
    check(text.find(what) != std::string::npos, "'" + what + "' was expected in '" + text + "'");
}

void passes(const std::string& text)
{
    check(text.empty(), "nothing was expected: " + text);
}

void barriers()
{
    passes(found(96, 0, [] { __syncthreads(); __syncthreads(); }));
    finds("divergent barrier", found(64, 0, [] { if (threadIdx.x < 32) __syncthreads(); }));
    finds("divergent barrier", found(64, 0, [] { if (threadIdx.x < 32) __syncthreads(); else __syncthreads(); }));
    finds("divergent warp", found(32, 0, [] { if (threadIdx.x < 16) __shfl_xor_sync(all, 1, 1); }));
    finds("divergent warp", found(32, 0, [] { if (threadIdx.x < 16) __syncwarp(); else __ballot_sync(all, true); }));
    finds("divergent", found(32, 0, [] { if (threadIdx.x < 16) __syncthreads(); else __syncwarp(); }));
    finds("not in its mask", found(32, 0, [] { if (threadIdx.x < 16) __shfl_xor_sync(0xffffu, 1, 16); }));
    finds("names lanes that are not there", found(16, 0, [] { __ballot_sync(all, true); }));
}

void bounds()
{
    const OnDevice memory(std::vector<float>(64));
    const Global<float> view(memory.view().data(), 60);
    passes(found(15, 0, [=] { view.put4(4 * threadIdx.x, view.get4(4 * threadIdx.x)); }));
    finds("out of bounds: reads 1 elements of global memory at 60 of 60", found(61, 0, [=] { view.get(threadIdx.x); }));
    finds("out of bounds: writes", found(1, 0, [=] { view.put(-1, 0.0f); }));
    finds("out of bounds: reads 4", found(1, 0, [=] { view.get4(57); }));
    finds("misaligned", found(1, 0, [=] { view.get4(2); }));
    finds("steps out of global memory", found(1, 0, [=] { view.from(61); }));
    finds("out of bounds", found(1, 64, [] { SharedMemory s; const auto a = s.take<float>(4); s.take<float>(4); a.put(4, 0.0f); }));
    finds("misaligned", found(1, 64, [] { SharedMemory s; s.take<float>(16).put4(1, {}); }));
    finds("was launched with 64", found(1, 64, [] { SharedMemory s; s.take<float>(17); }));
    finds("out of bounds", found(1, 0, [] { Global<const float>().get(0); }));
}

// The host's memory and the device's are two.
void spaces()
{
    std::vector<float> ours(8, 1.0f);
    const Global<float> host(ours.data(), 8);
    finds("kernel, block (0, 0, 0), thread 3: memory of the host: reads 1 elements at 3", found(4, 0, [=] { if (threadIdx.x == 3) host.get(3); }));
    finds("memory of the host: writes 4", found(1, 0, [=] { host.put4(4, {}); }));
    finds("memory of the host: copies 4", found(1, 32, [=] { SharedMemory s; copy_async(s.take<float>(8), 0, Global<const float>(host), 0, 4); }));
    finds("memory of the host: changes", found(1, 0, [=] { atomic_add(host, 0, 1.0f); }));
    const OnDevice memory(std::vector<float>(8, 2.0f));
    float* const theirs = memory.view().data();
    const auto copied = [&](auto&& copy) {
        try {
            copy();
            return std::string();
        } catch (const Fault& fault) {
            return std::string(fault.what());
        }
    };
    passes(copied([&] { emulation::device_space.read(theirs, ours.data(), 32); }));
    check(ours[7] == 2.0f, "what was read");
    finds("memory of the host was given for the device's", copied([&] { emulation::device_space.write(ours.data(), ours.data(), 4); }));
    finds("memory of the device was given for the host's", copied([&] { emulation::device_space.read(theirs, theirs, 4); }));
    finds("copy to the device of 512 bytes is not within one block", copied([&] { emulation::device_space.write(theirs, std::vector<float>(128).data(), 512); }));
    const OnDevice next(std::vector<float>(8));
    check(std::isnan(Global<float>(static_cast<float*>(emulation::device_space.allocate(4)), 1).stored(0)[0]), "fresh memory is no number");
    // Host code that follows a device's address ends here: a child does it and dies.
    const pid_t child = fork();
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL);
        volatile float* address = theirs;
        _exit(address[0] == 2.0f ? 1 : 2);
    }
    int status = 0;
    waitpid(child, &status, 0);
    check(WIFSIGNALED(status) && (WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGBUS), "host code cannot read a device's memory");
}

void uninitialised()
{
    const auto kernel = [](uint32_t written) {
        return [=] {
            SharedMemory s;
            const auto a = s.take<float>(64);
            if (threadIdx.x < written)
                a.put(threadIdx.x, 1.0f);
            __syncthreads();
            a.get(63 - threadIdx.x);
        };
    };
    passes(found(64, 256, kernel(64)));
    finds("uninitialised shared memory at byte 252", found(64, 256, kernel(63)));
    // What an earlier block left behind is no initialisation.
    finds("block (1, 0, 0)", found(64, 256, [=] { kernel(blockIdx.x == 0 ? 64 : 0)(); }, 2));
}

void races()
{
    const auto exchange = [](bool barrier, bool again) {
        return [=] {
            SharedMemory s;
            const auto a = s.take<float>(64);
            a.put(threadIdx.x, 1.0f);
            if (barrier)
                __syncthreads();
            a.get(63 - threadIdx.x);
            if (again)
                __syncthreads();
            a.put(threadIdx.x, 2.0f);
        };
    };
    passes(found(64, 256, exchange(true, true)));
    finds("race: reads", found(64, 256, [] { SharedMemory s; const auto a = s.take<float>(1); if (threadIdx.x == 0) a.put(0, 1.0f); else a.get(0); }));
    finds("race: reads shared memory at byte 252, which thread 63 writes", found(64, 256, exchange(true, false)));
    finds("race: writes shared memory at byte 0, as thread 0 does", found(2, 16, [] { SharedMemory s; s.take<float>(1).put(0, 1.0f); }));
    // Neighbouring halves of a word are no race.
    passes(found(2, 16, [] { SharedMemory s; s.take<Bf16>(2).put(threadIdx.x, Bf16{0}); }));
    // Within a warp a warp barrier orders, a shuffle does not.
    const auto in_warp = [](bool barrier) {
        return [=] {
            SharedMemory s;
            const auto a = s.take<float>(32);
            a.put(threadIdx.x, 1.0f);
            if (barrier)
                __syncwarp();
            else
                __shfl_xor_sync(all, 1.0f, 1);
            a.get(31 - threadIdx.x);
        };
    };
    passes(found(32, 128, in_warp(true)));
    finds("race", found(32, 128, in_warp(false)));
    // A warp barrier says nothing to another warp: here the first warp is early, there the second late.
    const auto across = [](uint32_t reader) {
        return [=] {
            SharedMemory s;
            const auto a = s.take<float>(64);
            a.put(threadIdx.x, 1.0f);
            __syncwarp();
            if (threadIdx.x / 32 == reader)
                a.get(63 - threadIdx.x);
        };
    };
    finds("uninitialised", found(64, 256, across(0)));
    finds("race: reads", found(64, 256, across(1)));
    // What was read since the last barrier must not be overwritten.
    finds("race: writes shared memory at byte 4, which thread 0 reads", found(64, 256, [] {
        SharedMemory s;
        const auto a = s.take<float>(64);
        a.put(threadIdx.x, 1.0f);
        __syncthreads();
        if (threadIdx.x == 0)
            a.get(1);
        else
            a.put(threadIdx.x, 2.0f);
    }));
}

void global_races()
{
    const OnDevice memory(std::vector<float>(64));
    const Global<float> view = memory.view();
    passes(found(32, 0, [=] { view.put(blockIdx.x * 32 + threadIdx.x, 1.0f); }, 2));
    finds("of another block writes", found(32, 0, [=] { view.put(threadIdx.x, 1.0f); }, 2));
    finds("race: ", found(32, 0, [=] { view.put(threadIdx.x, 1.0f); view.get(31 - threadIdx.x); }));
    passes(found(32, 0, [=] { view.put(threadIdx.x, 1.0f); __syncthreads(); view.get(31 - threadIdx.x); }));
    emulation::device_space.clear(view.data(), 4);
    passes(found(32, 0, [=] { atomic_add(view, 0, 1.0f); }, 3));
    check(memory.read()[0] == 96, "96 atomic additions");
    finds("changes atomically", found(2, 0, [=] { if (threadIdx.x == 0) view.put(0, 1.0f); else atomic_add(view, 0, 1.0f); }));
}

void copies()
{
    const OnDevice memory(std::vector<float>(8, 3.0f));
    const Global<const float> view = memory.view();
    const auto kernel = [=](bool waits, bool barrier, int32_t valid) {
        return [=] {
            SharedMemory s;
            const auto a = s.take<float>(8);
            copy_async(a, 4 * threadIdx.x, view, 4 * threadIdx.x, valid);
            commit_copies();
            if (waits)
                wait_for_copies<0>();
            else
                wait_for_copies<1>();
            if (barrier)
                __syncthreads();
            const float last = a.get(7 - 4 * threadIdx.x);
            check(last == (valid == 4 ? 3.0f : 0.0f), "the copy's last element");
        };
    };
    passes(found(2, 32, kernel(true, true, 4)));
    passes(found(2, 32, kernel(true, true, 3)));
    finds("asynchronous copy", found(2, 32, kernel(false, true, 4)));
    finds("uninitialised", found(2, 32, kernel(true, false, 4)));
    finds("misaligned", found(1, 32, [=] { SharedMemory s; copy_async(s.take<float>(8), 0, view, 1, 4); }));
    finds("out of bounds", found(1, 32, [=] { SharedMemory s; copy_async(s.take<float>(8), 0, view, 8, 4); }));
    finds("while an asynchronous copy", found(1, 32, [=] { SharedMemory s; const auto a = s.take<float>(8); copy_async(a, 0, view, 0, 4); a.put(1, 0.0f); }));
}

void shuffles_and_votes()
{
    passes(found(64, 0, [] {
        const int32_t lane = static_cast<int32_t>(threadIdx.x) % 32;
        check(__shfl_sync(all, lane, 7) == 7, "shfl");
        check(__shfl_xor_sync(all, lane, 5) == (lane ^ 5), "shfl_xor");
        check(__shfl_down_sync(all, lane, 3) == (lane < 29 ? lane + 3 : lane), "shfl_down");
        check(__ballot_sync(all, lane % 2 == 0) == 0x55555555u, "ballot");
        check(__any_sync(all, lane == 3) && !__any_sync(all, false), "any");
        check(__all_sync(all, true) && !__all_sync(all, lane != 3), "all");
    }));
}

void bank_conflicts()
{
    const auto conflicts = [](uint32_t stride) {
        machine.shared().counts_conflicts = true;
        machine.counts = {};
        passes(found(32, 4 * 32 * 33, [=] { SharedMemory s; s.take<float>(32 * 33).put(threadIdx.x * stride, 1.0f); }));
        machine.shared().counts_conflicts = false;
        return machine.counts.bank_conflicts;
    };
    check(conflicts(1) == 0, "neighbouring words");
    check(conflicts(2) == 1, "every other word: two passes");
    check(conflicts(32) == 31, "one bank");
    check(conflicts(33) == 0, "a pitch of 33");
}

// [rows, columns] at random, exactly representable.
std::vector<Bf16> matrix(size_t count, unsigned seed)
{
    std::mt19937 random(seed);
    std::vector<Bf16> values(count);
    for (Bf16& v : values)
        v = round_to_bf16(static_cast<float>(static_cast<int>(random() % 17) - 8) / 8);
    return values;
}

// mma against the plain sum, its fragments filled by hand from the manual's table and by ldmatrix from shared memory.
void tensor_core()
{
    const std::vector<Bf16> a = matrix(16 * 16, 1), b = matrix(16 * 8, 2), bt = [&] {
        std::vector<Bf16> t(8 * 16);
        for (size_t k = 0; k < 16; k++)
            for (size_t n = 0; n < 8; n++)
                t[n * 16 + k] = b[k * 8 + n];
        return t;
    }();
    std::vector<float> d(16 * 8), plain(16 * 8);
    for (size_t m = 0; m < 16; m++)
        for (size_t n = 0; n < 8; n++)
            for (size_t k = 0; k < 16; k++)
                plain[m * 8 + n] += widen(a[m * 16 + k]) * widen(b[k * 8 + n]);
    const auto pair = [](Bf16 low, Bf16 high) { return low.bits | static_cast<uint32_t>(high.bits) << 16; };
    passes(found(32, 3 * 1024, [&] {
        const size_t lane = threadIdx.x, g = lane / 4, t = lane % 4;
        const uint32_t fa[4] = {pair(a[g * 16 + 2 * t], a[g * 16 + 2 * t + 1]), pair(a[(g + 8) * 16 + 2 * t], a[(g + 8) * 16 + 2 * t + 1]),
            pair(a[g * 16 + 2 * t + 8], a[g * 16 + 2 * t + 9]), pair(a[(g + 8) * 16 + 2 * t + 8], a[(g + 8) * 16 + 2 * t + 9])};
        const uint32_t fb[2] = {pair(b[2 * t * 8 + g], b[(2 * t + 1) * 8 + g]), pair(b[(2 * t + 8) * 8 + g], b[(2 * t + 9) * 8 + g])};
        float fd[4] = {};
        multiply_matrices(fd, fa, fb);
        for (size_t i = 0; i < 4; i++)
            d[(g + 8 * (i / 2)) * 8 + 2 * t + i % 2] = fd[i];

        SharedMemory s;
        const auto sa = s.take<Bf16>(256), sb = s.take<Bf16>(128), sbt = s.take<Bf16>(128), sat = s.take<Bf16>(256);
        for (size_t i = lane; i < 256; i += 32) {
            sa.put(static_cast<int64_t>(i), a[i]);
            sat.put(static_cast<int64_t>(i), a[i % 16 * 16 + i / 16]);
        }
        for (size_t i = lane; i < 128; i += 32) {
            sb.put(static_cast<int64_t>(i), b[i]);
            sbt.put(static_cast<int64_t>(i), bt[i]);
        }
        __syncthreads();
        const auto row = static_cast<int64_t>(lane % 8), quarter = static_cast<int64_t>(lane / 8);
        uint32_t la[4], lat[4], lb[4], lbt[4];
        load_matrices(la, Shared<Bf16>(0, 256), (row + quarter % 2 * 8) * 16 + quarter / 2 * 8);
        load_matrices_transposed(lat, Shared<Bf16>(1024, 256), (row + quarter / 2 * 8) * 16 + quarter % 2 * 8);
        load_matrices_transposed(lb, Shared<Bf16>(512, 128), (row + quarter % 2 * 8) * 8);
        load_matrices(lbt, Shared<Bf16>(768, 128), row * 16 + quarter % 2 * 8);
        for (int i = 0; i < 4; i++)
            check(la[i] == fa[i] && lat[i] == fa[i], "a's fragment by ldmatrix, straight and transposed");
        for (int i = 0; i < 2; i++)
            check(lb[i] == fb[i] && lbt[i] == fb[i], "b's fragment by ldmatrix, transposed and straight");
    }));
    check(d == plain, "mma gives the plain sum");
}

}  // namespace

}  // namespace seal

int main()
{
    seal::barriers();
    seal::bounds();
    seal::spaces();
    seal::uninitialised();
    seal::races();
    seal::global_races();
    seal::copies();
    seal::shuffles_and_votes();
    seal::bank_conflicts();
    seal::tensor_core();
    return seal::result();
}

// On a device: views are plain pointers, and what CUDA has no word for is inline PTX. The emulation has the same names.
#pragma once

#include "../bf16.hpp"

#include <cstdint>
#include <type_traits>

namespace seal::cuda {

template <typename T>
struct alignas(4 * sizeof(T)) Four {
    T at[4];
};

template <typename T>
class Global {
public:
    using Element = std::remove_const_t<T>;

    Global() = default;
    // The count is the emulation's to check.
    __host__ __device__ __forceinline__ Global(T* first, int64_t) : first_(first) {}
    __host__ __device__ __forceinline__ operator Global<const T>() const requires(!std::is_const_v<T>) { return {first_, 0}; }
    __host__ __device__ __forceinline__ explicit operator bool() const { return first_ != nullptr; }
    __host__ __device__ __forceinline__ T* data() const { return first_; }
    __host__ __device__ __forceinline__ Global from(int64_t i) const { return {first_ + i, 0}; }
    __device__ __forceinline__ Element get(int64_t i) const { return first_[i]; }
    __device__ __forceinline__ void put(int64_t i, Element value) const { first_[i] = value; }
    __device__ __forceinline__ Four<Element> get4(int64_t i) const { return *reinterpret_cast<const Four<Element>*>(first_ + i); }
    __device__ __forceinline__ void put4(int64_t i, Four<Element> value) const { *reinterpret_cast<Four<Element>*>(first_ + i) = value; }

private:
    T* first_ = nullptr;
};

template <typename T>
class Shared {
public:
    Shared() = default;
    __device__ __forceinline__ explicit Shared(T* first) : first_(first) {}
    __device__ __forceinline__ T* data() const { return first_; }
    __device__ __forceinline__ Shared from(int64_t i) const { return Shared(first_ + i); }
    __device__ __forceinline__ T get(int64_t i) const { return first_[i]; }
    __device__ __forceinline__ void put(int64_t i, T value) const { first_[i] = value; }
    __device__ __forceinline__ Four<T> get4(int64_t i) const { return *reinterpret_cast<const Four<T>*>(first_ + i); }
    __device__ __forceinline__ void put4(int64_t i, Four<T> value) const { *reinterpret_cast<Four<T>*>(first_ + i) = value; }

    // Its address as the shared state space counts it.
    __device__ __forceinline__ uint32_t address(int64_t i) const
    {
        uint64_t address;
        asm("cvta.to.shared.u64 %0, %1;" : "=l"(address) : "l"(first_ + i));
        return static_cast<uint32_t>(address);
    }

private:
    T* first_ = nullptr;
};

class SharedMemory {
public:
    template <typename T>
    __device__ __forceinline__ Shared<T> take(int64_t count)
    {
        extern __shared__ __attribute__((aligned(128))) unsigned char seal_shared_memory[];
        T* first = reinterpret_cast<T*>(seal_shared_memory + used_);
        used_ += static_cast<uint32_t>((count * sizeof(T) + 15) / 16 * 16);
        return Shared<T>(first);
    }

private:
    uint32_t used_ = 0;
};

// Bytes: 16, past the first-level cache, or 4.
template <int32_t Bytes = 16, typename T>
__device__ __forceinline__ void copy_async(Shared<T> target, int64_t i, Global<const T> source, int64_t j, int32_t valid)
{
    if constexpr (Bytes == 16)
        asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(target.address(i)), "l"(source.data() + j),
            "r"(valid * static_cast<int32_t>(sizeof(T)))
            : "memory");
    else
        asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(target.address(i)), "l"(source.data() + j),
            "r"(valid * static_cast<int32_t>(sizeof(T)))
            : "memory");
}

__device__ __forceinline__ void commit_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }

template <int Newest>
__device__ __forceinline__ void wait_for_copies()
{
    asm volatile("cp.async.wait_group %0;" ::"n"(Newest) : "memory");
}

__device__ __forceinline__ void load_matrices(uint32_t (&r)[4], Shared<Bf16> memory, int64_t i)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
        : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
        : "r"(memory.address(i))
        : "memory");
}

__device__ __forceinline__ void load_matrices_transposed(uint32_t (&r)[4], Shared<Bf16> memory, int64_t i)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
        : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
        : "r"(memory.address(i))
        : "memory");
}

__device__ __forceinline__ void multiply_matrices(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2])
{
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

// From sm_90 on a kernel may begin while the one before it ends (programmatic dependent launch). What kernels write may be touched only after this
// wait; what the host sent, arguments and tables, before it too. The next kernel may begin from here on.
__device__ __forceinline__ void wait_for_earlier_kernels()
{
#if __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.wait;" ::: "memory");
    asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}

__device__ __forceinline__ float multiply_add(float a, float b, float c)
{
#if defined(__clang__)
    return __builtin_fmaf(a, b, c);
#else
    return __fmaf_rn(a, b, c);
#endif
}

__device__ __forceinline__ float square_root(float x)
{
    float y;
    asm("sqrt.rn.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

}  // namespace seal::cuda

// Which products followed which. Steps repeat themselves, so what followed last time will follow again: while some products end, each
// thread fetches the weights that it will begin the next ones with, which nothing else could have brought in time. A wrong guess costs
// some bandwidth; results never depend on it.
#pragma once

#include "product.hpp"

#include <unordered_map>
#include <vector>

namespace seal {

class Successors {
public:
    // Products begin, known by the weights that they begin with; starts: what each thread begins with. Returns where the threads began after these
    // products last time, or null. Allocates nothing for products that it has seen.
    const std::vector<Ahead>* begin(const void* weights, const std::vector<Ahead>& starts)
    {
        if (latest_ != nullptr)
            after_[latest_] = starts;
        latest_ = weights;
        if (after_.size() > most)
            after_.clear();
        const auto known = after_.find(weights);
        return known == after_.end() ? nullptr : &known->second;
    }

private:
    static constexpr size_t most = 1 << 14;  // adapters come and go

    std::unordered_map<const void*, std::vector<Ahead>> after_;
    const void* latest_ = nullptr;
};

}  // namespace seal

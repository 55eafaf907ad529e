// A list of products for one launch.
#pragma once

#include "engine.hpp"
#include "product.cuh"

namespace seal::cuda {

template <typename T>
class Products {
public:
    // A product to which the terms added from now on belong; its stored fields are the caller's to fill.
    Product<T>& add(int64_t rows, int64_t columns, Store store)
    {
        Product<T> p{};
        p.rows = static_cast<int32_t>(rows);
        p.columns = static_cast<int32_t>(columns);
        p.first_term = static_cast<int32_t>(terms_.size());
        p.store = store;
        p.scale = 1;
        products_.push_back(p);
        return products_.back();
    }

    // a·b on rows first .. first + rows of the latest product.
    void add_term(Form form, Global<const T> a, int64_t lda, Global<const T> b, int64_t ldb, int64_t k, int64_t first, int64_t rows)
    {
        Term<T> t{};
        t.a = a;
        t.b = b;
        t.lda = lda;
        t.ldb = ldb;
        t.k = static_cast<int32_t>(k);
        t.first = static_cast<int32_t>(first);
        t.rows = static_cast<int32_t>(rows);
        t.form = form;
        t.wide_a = whole_lines(a, lda);
        t.wide_b = whole_lines(b, ldb);
        terms_.push_back(t);
        products_.back().terms++;
    }

    void add_term(Form form, Global<const T> a, int64_t lda, Global<const T> b, int64_t ldb, int64_t k)
    {
        add_term(form, a, lda, b, ldb, k, 0, products_.back().rows);
    }

    bool empty() const { return products_.empty(); }

    // All of them in one launch, and none left in the list.
    void run(SealEngine& engine, const char* name);

private:
    // Rows that all start on 16 bytes.
    static bool whole_lines(Global<const T> view, int64_t ld)
    {
        return aligned(16, view) && ld * static_cast<int64_t>(sizeof(T)) % 16 == 0;
    }

    template <int32_t M, int32_t N>
    int64_t number_tiles();

    template <int32_t M, int32_t N>
    void launch(SealEngine& engine, const char* name);

    std::vector<Product<T>> products_;
    std::vector<Term<T>> terms_;
};

}  // namespace seal::cuda

// The table of the instruction set that this file is compiled for; a test finds members that were forgotten.
#include "kernels.hpp"
#include "panels.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

void add(SealDType type, const void* x, void* y, int64_t n);
void cast(SealDType x_type, const void* x, SealDType y_type, void* y, int64_t n);
void rms_norm(const RmsNorm& norm, int64_t first, int64_t last);
void rms_norm_backward(const RmsNormBackward& norm, int64_t first, int64_t last);
void rope(const Rope& rope, int64_t first, int64_t last);
void swiglu(const SwiGlu& swiglu, int64_t first, int64_t last);
void swiglu_backward(const SwiGluBackward& swiglu, int64_t first, int64_t last);
double sum_of_squares(const float* x, int64_t n);
void adamw(const AdamW& step, int64_t first, int64_t last, void* narrow);
void pack_attention(const CausalAttention& attention, const AttentionSequence& sequence, int64_t kv_head, bool values);
void causal_attention(const CausalAttention& attention, const AttentionSequence& sequence, int64_t head, int64_t from, float* scratch);
void pack_attention_backward(const CausalAttentionBackward& attention, const AttentionSequence& sequence, int64_t index);
void causal_attention_backward(const CausalAttentionBackward& attention, const AttentionSequence& sequence, int64_t head, int64_t part, float* scratch);
void sum_attention_gradients(const CausalAttentionBackward& attention, const AttentionSequence& sequence, int64_t index);
void decode_attention(const DecodeAttention& attention, const DecodeSequence& sequence, const DecodeSequence* next, int64_t kv_first, int64_t kv_last, float* scratch);
void product(const Product& p, int64_t first, int64_t last, const Ahead& ahead, void* scratch);
void pack_panel(SealDType type, bool transposed, bool late, const void* source, int64_t ld, int64_t k, int64_t n, void* panel);
void unpack_row(SealDType type, const void* packed, int64_t columns, int64_t k, int64_t column, void* y);
void cross_entropy(const CrossEntropy& c, const CrossEntropyPart& part, int64_t first, int64_t last, int64_t stripe, void* scratch);
void cross_entropy_rows(const CrossEntropy& c, const CrossEntropyPart* parts, int64_t first, int64_t last, void* scratch);
void narrow_weights(const float* source, void* y, int64_t n);
void transpose(SealDType type, const void* x, int64_t ldx, int64_t rows, int64_t columns, void* y, int64_t ldy);
int32_t greedy(const float* x, int64_t n);
int64_t peak_flops(SealDType type, int64_t times, float* result);
float read_all(const float* x, int64_t n);
int64_t quantized_tile_rows();
void pack_activations(SealDType type, const void* x, int64_t k, int64_t rows, int64_t first, void* packed, float* sums);
void quantized_product(const QuantizedProduct& p, int64_t first, int64_t last, float* scratch);

extern const Kernels table;
const Kernels table = {
    .lanes = F32::lanes,
    .tile_rows = tile_rows,
    .panel_columns = panel_columns,
    .add = add,
    .cast = cast,
    .rms_norm = rms_norm,
    .rms_norm_backward = rms_norm_backward,
    .rope = rope,
    .swiglu = swiglu,
    .swiglu_backward = swiglu_backward,
    .sum_of_squares = sum_of_squares,
    .adamw = adamw,
    .pack_attention = pack_attention,
    .causal_attention = causal_attention,
    .pack_attention_backward = pack_attention_backward,
    .causal_attention_backward = causal_attention_backward,
    .sum_attention_gradients = sum_attention_gradients,
    .decode_attention = decode_attention,
    .product = product,
    .pack_panel = pack_panel,
    .unpack_row = unpack_row,
    .cross_entropy = cross_entropy,
    .cross_entropy_rows = cross_entropy_rows,
    .narrow_weights = narrow_weights,
    .transpose = transpose,
    .greedy = greedy,
    .peak_flops = peak_flops,
    .read_all = read_all,
    .quantized_tile_rows = quantized_tile_rows,
    .pack_activations = pack_activations,
    .quantized_product = quantized_product,
};

}  // namespace seal::SEAL_ISA_NAMESPACE

// The table of the instruction set that this file is compiled for; a test finds members that were forgotten.
#include "kernels.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

void add(SealDType type, const void* x, void* y, int64_t n);
void cast(SealDType x_type, const void* x, SealDType y_type, void* y, int64_t n);
void rms_norm(const RmsNorm& norm, int64_t first, int64_t last);
void rms_norm_backward(const RmsNormBackward& norm, int64_t first, int64_t last);
void rope(const Rope& rope, int64_t first, int64_t last);
void swiglu(const SwiGlu& swiglu, int64_t first, int64_t last);
void swiglu_backward(const SwiGluBackward& swiglu, int64_t first, int64_t last);
double sum_of_squares(const float* x, int64_t n);
void adamw(const AdamW& step, int64_t first, int64_t last);
void pack_attention(const AttentionShape& shape, int64_t packed_rows, const PackedOperand& operand, const AttentionSequence& sequence, int64_t kv_head);
void causal_attention(const CausalAttention& attention, const AttentionSequence& sequence, int64_t head, int64_t from, float* scratch);
void causal_attention_backward(const CausalAttentionBackward& attention, const AttentionSequence& sequence, int64_t head, float* scratch);
void sum_kv_gradients(const CausalAttentionBackward& attention, const AttentionSequence& sequence, int64_t kv_head);
void decode_attention(const DecodeAttention& attention, const DecodeSequence& sequence, int64_t kv_head, float* scratch);

extern const Kernels table;
const Kernels table = {
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
    .causal_attention_backward = causal_attention_backward,
    .sum_kv_gradients = sum_kv_gradients,
    .decode_attention = decode_attention,
};

}  // namespace seal::SEAL_ISA_NAMESPACE

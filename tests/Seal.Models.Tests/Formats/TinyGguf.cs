namespace Seal.Models.Tests.Formats;

/// <summary>A GGUF model of one layer: hidden 8, 2 heads of 4, 1 key/value head, feed-forward 12, 10 tokens.</summary>
internal static class TinyGguf
{
    public static GgufBuilder Model(string architecture, bool tied = true)
    {
        GgufBuilder builder = new GgufBuilder()
            .With("general.architecture", architecture)
            .With($"{architecture}.block_count", 1u)
            .With($"{architecture}.context_length", 64u)
            .With($"{architecture}.embedding_length", 8u)
            .With($"{architecture}.feed_forward_length", 12u)
            .With($"{architecture}.attention.head_count", 2u)
            .With($"{architecture}.attention.head_count_kv", 1u)
            .With($"{architecture}.attention.layer_norm_rms_epsilon", 1e-5f)
            .With($"{architecture}.rope.freq_base", 1000000f)
            .With("tokenizer.ggml.model", "gpt2")
            .With("tokenizer.ggml.pre", "qwen2")
            .With("tokenizer.ggml.tokens", (string[])["a", "b", "ab", "<end>"])
            .With("tokenizer.ggml.token_type", (int[])[1, 1, 1, 3])
            .With("tokenizer.ggml.merges", (string[])["a b"])
            .With("tokenizer.ggml.eos_token_id", 3u)
            .With("tokenizer.ggml.eot_token_id", 2u)
            .With("tokenizer.chat_template", "{{ messages }}");
        Add("token_embd.weight", 10, 8);
        Add("blk.0.attn_norm.weight", 8);
        Add("blk.0.attn_q.weight", 8, 8);
        Add("blk.0.attn_k.weight", 4, 8);
        Add("blk.0.attn_v.weight", 4, 8);
        Add("blk.0.attn_output.weight", 8, 8);
        Add("blk.0.ffn_norm.weight", 8);
        Add("blk.0.ffn_gate.weight", 12, 8);
        Add("blk.0.ffn_up.weight", 12, 8);
        Add("blk.0.ffn_down.weight", 8, 12);
        Add("output_norm.weight", 8);
        if (!tied) Add("output.weight", 10, 8);
        if (architecture == "qwen2")
        {
            Add("blk.0.attn_q.bias", 8);
            Add("blk.0.attn_k.bias", 4);
            Add("blk.0.attn_v.bias", 4);
        }
        if (architecture == "qwen3")
        {
            Add("blk.0.attn_q_norm.weight", 4);
            Add("blk.0.attn_k_norm.weight", 4);
        }
        return builder;

        void Add(string name, params long[] shape) => builder.WithTensor(name, shape, Values(shape));
    }

    /// <summary>Element i of row r is r + i/100: so a row says which one it was.</summary>
    public static float[] Values(long[] shape)
    {
        int columns = (int)shape[^1], rows = shape.Length == 1 ? 1 : (int)shape[0];
        return [.. Enumerable.Range(0, rows * columns).Select(i => i / columns + i % columns / 100f)];
    }
}

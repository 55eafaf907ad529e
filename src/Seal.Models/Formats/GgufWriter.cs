using System.Runtime.InteropServices;
using System.Text;

namespace Seal.Models.Formats;

/// <summary>
/// Writes a llama model as one GGUF file, version 3: matrices in bf16, norms in f32, q and k in the order of rotations of neighbouring rows that such files
/// hold. The same model always gives the same bytes.
/// </summary>
public static class GgufWriter
{
    private const int Alignment = 32;
    private const uint TextType = 8, ArrayType = 9, Int32Type = 5, UInt32Type = 4, FloatType = 6;
    private const uint F32 = 0, BF16 = 30;

    /// <param name="tensors">By Hugging Face's names, all that the configuration asks for.</param>
    /// <param name="notes">Further texts for the metadata, such as how the model was made.</param>
    /// <exception cref="Seal.Kernels.SealException">The file cannot be written.</exception>
    public static void Write(
        string path, ModelConfig config, GgufVocabulary vocabulary, IReadOnlyDictionary<string, float[]> tensors, IReadOnlyDictionary<string, string> notes)
    {
        if (config is not { Family: ModelFamily.Llama, TiedEmbedding: true, RopeScaling: null })
            throw new ArgumentException("only llama models with a tied embedding are written", nameof(config));
        List<(string Name, long[] Shape, float[] Values)> ordered = [.. TensorLayout.Expected(config).Select(expected =>
            (GgufNames.FromHuggingFace(expected.Name), expected.Shape, InFileOrder(expected.Name, tensors[expected.Name], expected.Shape, config.HeadDim)))];
        byte[] head = Head(config, vocabulary, ordered, notes);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(head);
            Pad(stream, head.Length);
            foreach ((_, long[] shape, float[] values) in ordered)
                Pad(stream, WriteValues(stream, shape, values));
        });
    }

    /// <summary>q and k: row j of a head's first half becomes its row 2j, row j of the second half its row 2j + 1.</summary>
    private static float[] InFileOrder(string name, float[] values, long[] shape, int headDim)
    {
        if (!GgufNames.HasPairedRows(name))
            return values;
        int columns = (int)shape[1], half = headDim / 2;
        float[] paired = new float[values.Length];
        for (int row = 0; row < shape[0]; row++)
        {
            int head = row / headDim, within = row % headDim;
            int target = head * headDim + within % half * 2 + within / half;
            values.AsSpan(row * columns, columns).CopyTo(paired.AsSpan(target * columns));
        }
        return paired;
    }

    private static byte[] Head(
        ModelConfig config, GgufVocabulary vocabulary, List<(string Name, long[] Shape, float[] Values)> tensors, IReadOnlyDictionary<string, string> notes)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        List<Action> keys =
        [
            () => Text("general.architecture", "llama"),
            () => Integer("general.alignment", Alignment),
            () => Integer("llama.block_count", config.Layers),
            () => Integer("llama.embedding_length", config.Hidden),
            () => Integer("llama.feed_forward_length", config.Intermediate),
            () => Integer("llama.attention.head_count", config.Heads),
            () => Integer("llama.attention.head_count_kv", config.KvHeads),
            () => Integer("llama.attention.key_length", config.HeadDim),
            () => Integer("llama.attention.value_length", config.HeadDim),
            () => Integer("llama.rope.dimension_count", config.HeadDim),
            () => Integer("llama.context_length", config.MaxPositions),
            () => Integer("llama.vocab_size", config.Vocabulary),
            () => Number("llama.attention.layer_norm_rms_epsilon", config.RmsNormEps),
            () => Number("llama.rope.freq_base", config.RopeTheta),
            () => Text("tokenizer.ggml.model", vocabulary.Model),
            () => Text("tokenizer.ggml.pre", vocabulary.Pre),
            () => Texts("tokenizer.ggml.tokens", vocabulary.Tokens),
            () => Integers("tokenizer.ggml.token_type", vocabulary.TokenTypes),
            () => Texts("tokenizer.ggml.merges", vocabulary.Merges),
            () => Integer("tokenizer.ggml.eos_token_id", vocabulary.EosId ?? throw new ArgumentException("the vocabulary has no end of text", nameof(vocabulary))),
            .. notes.OrderBy(note => note.Key, StringComparer.Ordinal).Select(note => (Action)(() => Text(note.Key, note.Value))),
        ];
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write((ulong)tensors.Count);
        writer.Write((ulong)keys.Count);
        foreach (Action key in keys)
            key();
        long offset = 0;
        foreach ((string name, long[] shape, float[] values) in tensors)
        {
            String(name);
            writer.Write((uint)shape.Length);
            foreach (long size in shape.Reverse())
                writer.Write((ulong)size);
            writer.Write(shape.Length == 1 ? F32 : BF16);
            writer.Write((ulong)offset);
            offset += AlignUp(values.Length * (shape.Length == 1 ? sizeof(float) : sizeof(ushort)));
        }
        writer.Flush();
        return stream.ToArray();

        void String(string text)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            writer.Write((ulong)bytes.Length);
            writer.Write(bytes);
        }

        void Key(string key, uint type)
        {
            String(key);
            writer.Write(type);
        }

        void Text(string key, string value)
        {
            Key(key, TextType);
            String(value);
        }

        void Integer(string key, int value)
        {
            Key(key, UInt32Type);
            writer.Write((uint)value);
        }

        void Number(string key, double value)
        {
            Key(key, FloatType);
            writer.Write((float)value);
        }

        void Texts(string key, string[] values)
        {
            Key(key, ArrayType);
            writer.Write(TextType);
            writer.Write((ulong)values.Length);
            foreach (string value in values)
                String(value);
        }

        void Integers(string key, int[] values)
        {
            Key(key, ArrayType);
            writer.Write(Int32Type);
            writer.Write((ulong)values.Length);
            foreach (int value in values)
                writer.Write(value);
        }
    }

    private static long WriteValues(Stream stream, long[] shape, float[] values)
    {
        if (shape.Length == 1)
        {
            stream.Write(MemoryMarshal.AsBytes<float>(values));
            return values.Length * sizeof(float);
        }
        ushort[] rounded = new ushort[values.Length];
        BFloat16.Round(values, rounded);
        stream.Write(MemoryMarshal.AsBytes<ushort>(rounded));
        return rounded.Length * sizeof(ushort);
    }

    private static void Pad(Stream stream, long written) => stream.Write(new byte[AlignUp(written) - written]);

    private static long AlignUp(long value) => (value + Alignment - 1) / Alignment * Alignment;
}

using System.Security.Cryptography;
using Seal.Kernels;

namespace Seal.Models.Formats;

/// <summary>
/// A GGUF file, version 3, mapped: "GGUF", version, counts, metadata, tensor descriptions (name, dimensions innermost first, type,
/// offset), then, aligned, the tensors. Source: docs/gguf.md of github.com/ggml-org/ggml. Names here are the file's own.
/// </summary>
public sealed class GgufFile : IDisposable
{
    private const uint Magic = 0x46554747; // "GGUF"
    private const int DefaultAlignment = 32;
    private const int MostDimensions = 4;

    /// <summary>ggml's numbers of the types that are read.</summary>
    private static readonly Dictionary<uint, StoredType> Types = new()
    {
        [0] = StoredType.F32,
        [1] = StoredType.F16,
        [2] = StoredType.Q4_0,
        [3] = StoredType.Q4_1,
        [6] = StoredType.Q5_0,
        [7] = StoredType.Q5_1,
        [8] = StoredType.Q8_0,
        [10] = StoredType.Q2_K,
        [11] = StoredType.Q3_K,
        [12] = StoredType.Q4_K,
        [13] = StoredType.Q5_K,
        [14] = StoredType.Q6_K,
        [30] = StoredType.BF16,
    };

    /// <summary>Names of the others that are in use, for messages.</summary>
    private static readonly Dictionary<uint, string> OtherTypes = new()
    {
        [9] = "Q8_1",
        [15] = "Q8_K",
        [16] = "IQ2_XXS",
        [17] = "IQ2_XS",
        [18] = "IQ3_XXS",
        [19] = "IQ1_S",
        [20] = "IQ4_NL",
        [21] = "IQ3_S",
        [22] = "IQ2_S",
        [23] = "IQ4_XS",
        [24] = "I8",
        [25] = "I16",
        [26] = "I32",
        [27] = "I64",
        [28] = "F64",
        [29] = "IQ1_M",
        [34] = "TQ1_0",
        [35] = "TQ2_0",
        [39] = "MXFP4",
    };

    private readonly MappedFile file;
    private readonly Dictionary<string, Entry> entries = [];

    private GgufFile(MappedFile file)
    {
        this.file = file;
        GgufCursor cursor = new(file);
        if (file.Length < 4 || cursor.UInt32() != Magic) throw new SealException($"{file.Path}: does not begin with 'GGUF': not a GGUF file");
        uint version = cursor.UInt32();
        if (version != 3) throw cursor.Error($"has version {version}, expected 3 (little-endian): convert the model again with a current converter");
        // A tensor takes at least a name's length, a number of dimensions, one of them, a type and an offset; a key its length, type and value.
        int tensors = cursor.Count("tensors", 8 + 4 + 8 + 4 + 8), keys = cursor.Count("metadata keys", 8 + 4 + 1);
        Metadata = GgufMetadata.Read(cursor, keys, file.Path);
        for (int i = 0; i < tensors; i++) AddEntry(cursor, i);
        DataStart = AlignUp(cursor.Position, Alignment());
        RequireInside();
    }

    public string Path => file.Path;

    public GgufMetadata Metadata { get; }

    public IReadOnlyCollection<string> TensorNames => entries.Keys;

    private long DataStart { get; }

    /// <exception cref="SealException">The file cannot be read or is out of the format. Tensors of unknown types are no error until they are asked for.</exception>
    public static GgufFile Open(string path)
    {
        MappedFile file = MappedFile.Open(path);
        try
        {
            return new GgufFile(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <exception cref="SealException">There is none of that name, or its type is not read.</exception>
    public StoredTensor Tensor(string name)
    {
        if (!entries.TryGetValue(name, out Entry? entry)) throw new SealException($"{Path}: no tensor '{name}' among the {entries.Count} in the file");
        if (!Types.TryGetValue(entry.Type, out StoredType type))
            throw new SealException($"{Path}: tensor '{name}' is stored as {OtherTypes.GetValueOrDefault(entry.Type, "an unknown type")} (type {entry.Type}), expected one of {string.Join(", ", Types.Values)}");
        return new StoredTensor(file, DataStart + entry.Offset, name, entry.Shape, type);
    }

    public void Dispose() => file.Dispose();

    internal void AppendTo(IncrementalHash hash) => file.AppendTo(hash);

    private void AddEntry(GgufCursor cursor, int index)
    {
        cursor.Reading = $"tensor {index}";
        string name = cursor.Text();
        cursor.Reading = name;
        uint dimensions = cursor.UInt32();
        if (dimensions is 0 or > MostDimensions) throw cursor.Error($"has {dimensions} dimensions, expected 1 to {MostDimensions}");
        long[] shape = new long[dimensions];
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            ulong size = cursor.UInt64();
            if (size is 0 or > long.MaxValue) throw cursor.Error($"has a dimension of {size}");
            shape[i] = (long)size;
        }
        uint type = cursor.UInt32();
        ulong offset = cursor.UInt64();
        if (offset > (ulong)file.Length) throw cursor.Error($"begins at {offset} of the data, but the whole file has {file.Length} bytes. It is truncated: fetch it again");
        if (!entries.TryAdd(name, new Entry(name, shape, type, (long)offset))) throw cursor.Error("is described twice");
    }

    private int Alignment()
    {
        int alignment = Metadata.Integer("general.alignment") ?? DefaultAlignment;
        if (alignment < 8 || !int.IsPow2(alignment)) throw Metadata.Error("general.alignment", $"is {alignment}, expected a power of two of at least 8");
        return alignment;
    }

    /// <summary>Every tensor of a known type lies whole in the file, aligned, and none on another.</summary>
    private void RequireInside()
    {
        long reached = 0, alignment = Alignment();
        foreach (Entry entry in entries.Values.OrderBy(entry => entry.Offset))
        {
            if (entry.Offset % alignment != 0) throw Complain(entry, $"begins at {entry.Offset} of the data, which is not a multiple of the alignment {alignment}");
            if (entry.Offset < reached) throw Complain(entry, $"begins at {entry.Offset} of the data, inside the tensor before it, which ends at {reached}");
            reached = checked(entry.Offset + ByteCount(entry));
            if (reached > file.Length - DataStart)
                throw Complain(entry, $"ends at {reached} of the data, but the file has {file.Length - DataStart} bytes of it. It is truncated: fetch it again");
        }
    }

    private long ByteCount(Entry entry)
    {
        if (!Types.TryGetValue(entry.Type, out StoredType type)) return 0;
        if (entry.Shape[^1] % type.BlockLength() != 0) throw Complain(entry, $"has rows of {entry.Shape[^1]}, expected whole blocks of {type.BlockLength()} for {type}");
        try
        {
            long bytes = type.ByteCount(StoredTensor.ElementCount(entry.Shape));
            if (bytes <= file.Length) return bytes;
        }
        catch (OverflowException)
        {
            // Larger than any file: said below.
        }
        throw Complain(entry, $"has shape [{string.Join(", ", entry.Shape)}] of {type}, more than the file's {file.Length} bytes. It is truncated: fetch it again");
    }

    private SealException Complain(Entry entry, string complaint) => new($"{Path}: tensor '{entry.Name}' {complaint}");

    private static long AlignUp(long value, int alignment) => (value + alignment - 1) / alignment * alignment;

    private sealed record Entry(string Name, long[] Shape, uint Type, long Offset);
}

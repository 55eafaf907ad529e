using System.Buffers.Binary;
using System.Text.Json;
using Seal.Kernels;

namespace Seal.Models.Formats;

/// <summary>
/// The head of a safetensors file: 8 bytes of length, then that much JSON: name -> {dtype, shape, data_offsets: [begin, end)},
/// offsets counted from the end of the head. The tensors must fill the rest without holes or overlaps, so that nothing can
/// hide in the file. Source: the format section of github.com/huggingface/safetensors.
/// </summary>
internal static class SafetensorsHeader
{
    /// <summary>The limit of the reference implementation.</summary>
    public const long MaximumBytes = 100_000_000;

    public const string MetadataName = "__metadata__";

    /// <summary>Dtype names that are read and written.</summary>
    private static readonly Dictionary<string, StoredType> Types = new()
    {
        ["F64"] = StoredType.F64,
        ["F32"] = StoredType.F32,
        ["F16"] = StoredType.F16,
        ["BF16"] = StoredType.BF16,
    };

    public static string NameOf(StoredType type) => Types.Single(pair => pair.Value == type).Key;

    /// <summary>Checks the whole head and describes the tensors.</summary>
    /// <exception cref="SealException">Anything in it is out of the format, or a tensor is of a type that is not read.</exception>
    public static (Dictionary<string, StoredTensor> Tensors, Dictionary<string, string> Metadata) Read(MappedFile file)
    {
        if (file.Length < 8) throw new SealException($"{file.Path}: {file.Length} bytes are too few for a safetensors file");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(file.Bytes(0, 8));
        if (length > MaximumBytes) throw new SealException($"{file.Path}: the header length is {length}, expected at most {MaximumBytes}: not a safetensors file");
        if (length > (ulong)(file.Length - 8))
            throw new SealException($"{file.Path}: the header length is {length}, but only {file.Length - 8} bytes follow. The file is truncated: fetch it again");

        ReadOnlyMemory<byte> json = file.Bytes(8, (int)length).ToArray();
        if (json.Length == 0 || json.Span[0] != '{') throw new SealException($"{file.Path}: the header does not start with '{{': not a safetensors file");
        JsonFields header = JsonFields.Parse(json, file.Path);
        return Describe(file, header, 8 + (long)length);
    }

    private static (Dictionary<string, StoredTensor>, Dictionary<string, string>) Describe(MappedFile file, JsonFields header, long dataStart)
    {
        Dictionary<string, string> metadata = [];
        Dictionary<string, StoredTensor> tensors = [];
        List<(long Begin, long End, string Name)> ranges = [];
        foreach ((string name, JsonElement value) in header.Members())
        {
            JsonFields fields = header.ObjectOf(name, value);
            if (name == MetadataName)
            {
                foreach ((string key, JsonElement text) in fields.Members()) metadata[key] = fields.TextOf(key, text);
                continue;
            }
            (StoredTensor tensor, long begin, long end) = DescribeTensor(file, fields, name, dataStart);
            tensors[name] = tensor;
            ranges.Add((begin, end, name));
        }
        RequireNoHoles(file, ranges, file.Length - dataStart);
        return (tensors, metadata);
    }

    private static (StoredTensor, long Begin, long End) DescribeTensor(MappedFile file, JsonFields fields, string name, long dataStart)
    {
        string dtype = fields.RequiredText("dtype");
        if (!Types.TryGetValue(dtype, out StoredType type)) throw fields.Error("dtype", $"is '{dtype}', expected one of {string.Join(", ", Types.Keys)}");
        long[] shape = fields.RequiredLongs("shape");
        long[] offsets = fields.RequiredLongs("data_offsets");
        if (shape.Any(dimension => dimension < 0)) throw fields.Error("shape", $"is [{string.Join(", ", shape)}]: a dimension is negative");
        if (offsets.Length != 2 || offsets[0] < 0 || offsets[1] < offsets[0])
            throw fields.Error("data_offsets", $"is [{string.Join(", ", offsets)}], expected [begin, end] with 0 <= begin <= end");
        if (offsets[1] > file.Length - dataStart)
            throw fields.Error("data_offsets", $"ends at {offsets[1]}, but the file has {file.Length - dataStart} bytes of data. It is truncated: fetch it again");

        long bytes;
        try
        {
            bytes = type.ByteCount(StoredTensor.ElementCount(shape));
        }
        catch (OverflowException)
        {
            throw fields.Error("shape", $"is [{string.Join(", ", shape)}]: larger than any file");
        }
        if (bytes != offsets[1] - offsets[0])
            throw fields.Error("data_offsets", $"spans {offsets[1] - offsets[0]} bytes, but shape [{string.Join(", ", shape)}] of {dtype} takes {bytes}");
        return (new StoredTensor(file, dataStart + offsets[0], name, shape, type), offsets[0], offsets[1]);
    }

    private static void RequireNoHoles(MappedFile file, List<(long Begin, long End, string Name)> ranges, long dataBytes)
    {
        ranges.Sort();
        long reached = 0;
        foreach ((long begin, long end, string name) in ranges)
        {
            if (begin != reached)
                throw new SealException($"{file.Path}: '{name}.data_offsets' begins at {begin}, expected {reached}: tensors must follow each other without {(begin < reached ? "overlap" : "holes")}");
            reached = end;
        }
        if (reached != dataBytes) throw new SealException($"{file.Path}: the tensors end at byte {reached} of the data, which has {dataBytes}: the file is damaged");
    }
}

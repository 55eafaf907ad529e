using System.Buffers;
using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Seal.Models.Formats;

/// <summary>A tensor to be written: its numbers, row by row, and the type they are rounded to.</summary>
/// <param name="Shape">Outermost dimension first; its product is the number of values.</param>
/// <param name="Type">F32, F16 or BF16.</param>
public sealed record TensorToWrite(string Name, long[] Shape, ReadOnlyMemory<float> Values, StoredType Type = StoredType.F32);

/// <summary>
/// Writes safetensors files as the reference implementation does: wide types first, then by name, the head padded with spaces to a
/// multiple of 8. So tensors lie aligned, and the same tensors always give the same bytes.
/// </summary>
public static class SafetensorsWriter
{
    /// <summary>Writes the whole file or, on any error, nothing.</summary>
    /// <param name="metadata">Free texts for the head; Hugging Face's loaders want "format": "pt".</param>
    /// <exception cref="Seal.Kernels.SealException">The file cannot be written.</exception>
    public static void Write(string path, IEnumerable<TensorToWrite> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        List<TensorToWrite> ordered = [.. tensors.OrderByDescending(tensor => tensor.Type.BlockBytes()).ThenBy(tensor => tensor.Name, StringComparer.Ordinal)];
        RequireConsistent(ordered);
        byte[] header = Header(ordered, metadata);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (TensorToWrite tensor in ordered) WriteValues(stream, tensor);
        });
    }

    private static void RequireConsistent(List<TensorToWrite> ordered)
    {
        HashSet<string> names = [];
        foreach (TensorToWrite tensor in ordered)
        {
            if (tensor.Type is not (StoredType.F32 or StoredType.F16 or StoredType.BF16)) throw new ArgumentException($"{tensor.Name}: {tensor.Type} is not written");
            if (!names.Add(tensor.Name) || tensor.Name == SafetensorsHeader.MetadataName) throw new ArgumentException($"{tensor.Name}: the name is taken");
            if (StoredTensor.ElementCount(tensor.Shape) != tensor.Values.Length)
                throw new ArgumentException($"{tensor.Name}: {tensor.Values.Length} values for shape [{string.Join(", ", tensor.Shape)}]");
        }
    }

    private static byte[] Header(List<TensorToWrite> ordered, IReadOnlyDictionary<string, string>? metadata)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata is not null)
            {
                json.WriteStartObject(SafetensorsHeader.MetadataName);
                foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal)) json.WriteString(key, value);
                json.WriteEndObject();
            }
            long offset = 0;
            foreach (TensorToWrite tensor in ordered)
            {
                long end = checked(offset + tensor.Type.ByteCount(tensor.Values.Length));
                WriteEntry(json, tensor, offset, end);
                offset = end;
            }
            json.WriteEndObject();
        }
        while (buffer.WrittenCount % 8 != 0) buffer.Write(" "u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteEntry(Utf8JsonWriter json, TensorToWrite tensor, long begin, long end)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", SafetensorsHeader.NameOf(tensor.Type));
        json.WriteStartArray("shape");
        foreach (long dimension in tensor.Shape) json.WriteNumberValue(dimension);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(begin);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteValues(Stream stream, TensorToWrite tensor)
    {
        Span<ushort> half = stackalloc ushort[2048];
        for (ReadOnlySpan<float> rest = tensor.Values.Span; rest.Length > 0;)
        {
            ReadOnlySpan<float> piece = rest[..Math.Min(half.Length, rest.Length)];
            rest = rest[piece.Length..];
            Span<ushort> rounded = half[..piece.Length];
            switch (tensor.Type)
            {
                case StoredType.F32: stream.Write(MemoryMarshal.AsBytes(piece)); continue;
                case StoredType.BF16: BFloat16.Round(piece, rounded); break;
                default: TensorPrimitives.ConvertToHalf(piece, MemoryMarshal.Cast<ushort, Half>(rounded)); break;
            }
            stream.Write(MemoryMarshal.AsBytes(rounded));
        }
    }
}

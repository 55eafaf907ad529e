using System.Runtime.InteropServices;
using System.Text;

namespace Seal.Models.Tests.Formats;

/// <summary>Lays out GGUF files, right ones and wrong ones, for the tests.</summary>
internal sealed class GgufBuilder
{
    private readonly List<(string Key, object Value)> metadata = [];
    private readonly List<(string Name, long[] Shape, uint Type, byte[] Data, ulong? Offset)> tensors = [];

    public uint Version { get; init; } = 3;

    public int Alignment { get; init; } = 32;

    public GgufBuilder With(string key, object value)
    {
        metadata.RemoveAll(pair => pair.Key == key);
        metadata.Add((key, value));
        return this;
    }

    public GgufBuilder WithSecond(string key, object value)
    {
        metadata.Add((key, value));
        return this;
    }

    public GgufBuilder Without(string name)
    {
        metadata.RemoveAll(pair => pair.Key == name);
        tensors.RemoveAll(tensor => tensor.Name == name);
        return this;
    }

    /// <param name="shape">Outermost first; the file has them reversed.</param>
    public GgufBuilder WithTensor(string name, long[] shape, float[] values) => WithTensor(name, shape, 0, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    public GgufBuilder WithTensor(string name, long[] shape, uint type, byte[] data, ulong? offset = null)
    {
        tensors.Add((name, shape, type, data, offset));
        return this;
    }

    public byte[] Build()
    {
        MemoryStream stream = new();
        using BinaryWriter writer = new(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write("GGUF"u8);
        writer.Write(Version);
        writer.Write((ulong)tensors.Count);
        writer.Write((ulong)metadata.Count);
        foreach ((string key, object value) in metadata)
        {
            WriteText(writer, key);
            writer.Write(TypeOf(value.GetType()));
            WriteValue(writer, value);
        }
        ulong offset = 0;
        foreach ((string name, long[] shape, uint type, byte[] data, ulong? given) in tensors)
        {
            WriteText(writer, name);
            writer.Write((uint)shape.Length);
            foreach (long dimension in shape.Reverse()) writer.Write(dimension);
            writer.Write(type);
            writer.Write(given ?? offset);
            offset += (ulong)Aligned(data.Length);
        }
        writer.Write(new byte[Aligned(stream.Length) - stream.Length]);
        foreach ((_, _, _, byte[] data, _) in tensors)
        {
            writer.Write(data);
            writer.Write(new byte[Aligned(data.Length) - data.Length]);
        }
        return stream.ToArray();
    }

    private long Aligned(long length) => (length + Alignment - 1) / Alignment * Alignment;

    private static uint TypeOf(Type type) =>
        type == typeof(byte) ? 0 : type == typeof(sbyte) ? 1 : type == typeof(ushort) ? 2 : type == typeof(short) ? 3
        : type == typeof(uint) ? 4 : type == typeof(int) ? 5 : type == typeof(float) ? 6 : type == typeof(bool) ? 7
        : type == typeof(string) ? 8 : type.IsArray ? 9u
        : type == typeof(ulong) ? 10 : type == typeof(long) ? 11 : type == typeof(double) ? 12u : throw new ArgumentException(type.Name);

    private static void WriteValue(BinaryWriter writer, object value)
    {
        switch (value)
        {
            case string text: WriteText(writer, text); break;
            case Array list:
                writer.Write(TypeOf(list.GetType().GetElementType()!));
                writer.Write((ulong)list.Length);
                foreach (object item in list) WriteValue(writer, item);
                break;
            case byte number: writer.Write(number); break;
            case sbyte number: writer.Write(number); break;
            case ushort number: writer.Write(number); break;
            case short number: writer.Write(number); break;
            case uint number: writer.Write(number); break;
            case int number: writer.Write(number); break;
            case float number: writer.Write(number); break;
            case bool flag: writer.Write(flag); break;
            case ulong number: writer.Write(number); break;
            case long number: writer.Write(number); break;
            case double number: writer.Write(number); break;
            default: throw new ArgumentException(value.GetType().Name);
        }
    }

    private static void WriteText(BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }
}

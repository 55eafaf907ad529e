using System.Runtime.InteropServices;
using Seal.Kernels;

namespace Seal.Models.Formats;

/// <summary>
/// The key-value part of a GGUF file. Value types by number: 0 u8, 1 i8, 2 u16, 3 i16, 4 u32, 5 i32, 6 f32, 7 bool, 8 string,
/// 9 array (item type, count, items), 10 u64, 11 i64, 12 f64. Source: docs/gguf.md of github.com/ggml-org/ggml.
/// </summary>
public sealed class GgufMetadata
{
    private const uint TextType = 8, ArrayType = 9;
    private const int DeepestArray = 4;

    /// <summary>Bytes of one value by type number; text and arrays: of the shortest.</summary>
    private static readonly int[] Sizes = [1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8];

    private readonly Dictionary<string, object> values = [];
    private readonly string file;

    private GgufMetadata(string file) => this.file = file;

    internal static GgufMetadata Read(GgufCursor cursor, int count, string file)
    {
        GgufMetadata metadata = new(file);
        for (int i = 0; i < count; i++)
        {
            cursor.Reading = $"metadata key {i}";
            string key = cursor.Text();
            cursor.Reading = key;
            if (!metadata.values.TryAdd(key, ReadValue(cursor, cursor.UInt32(), 0))) throw cursor.Error("is given twice");
        }
        return metadata;
    }

    public bool Has(string key) => values.ContainsKey(key);

    /// <exception cref="SealException">The value is no text.</exception>
    public string? Text(string key) => Get<string>(key, "text");

    public string[]? Texts(string key) => Get<string[]>(key, "a list of texts");

    /// <exception cref="SealException">The value is no truth value.</exception>
    public bool? Flag(string key) => values.GetValueOrDefault(key) switch
    {
        null => null,
        bool flag => flag,
        object other => throw Expected(key, other, "true or false"),
    };

    /// <summary>A whole number of any width.</summary>
    /// <exception cref="SealException">The value is none, or does not fit 31 bits.</exception>
    public int? Integer(string key) => values.GetValueOrDefault(key) switch
    {
        null => null,
        object value => AsInteger(value) ?? throw Expected(key, value, "an integer from 0 to 2147483647"),
    };

    /// <summary>A list of whole numbers of any width.</summary>
    public int[]? Integers(string key)
    {
        if (values.GetValueOrDefault(key) is not { } value) return null;
        if (value is not Array list || list is string[]) throw Expected(key, value, "a list of integers");
        int[] integers = new int[list.Length];
        for (int i = 0; i < integers.Length; i++) integers[i] = AsInteger(list.GetValue(i)!) ?? throw Expected(key, list.GetValue(i)!, "integers from 0 to 2147483647");
        return integers;
    }

    public double? Number(string key) => values.GetValueOrDefault(key) switch
    {
        null => null,
        float number => number,
        double number => number,
        object value => AsInteger(value) ?? throw Expected(key, value, "a number"),
    };

    /// <exception cref="SealException">It is not there.</exception>
    public int RequiredInteger(string key) => Integer(key) ?? throw Missing(key);

    public double RequiredNumber(string key) => Number(key) ?? throw Missing(key);

    public string RequiredText(string key) => Text(key) ?? throw Missing(key);

    public string[] RequiredTexts(string key) => Texts(key) ?? throw Missing(key);

    internal SealException Error(string key, string complaint) => new($"{file}: '{key}' {complaint}");

    private T? Get<T>(string key, string expected) where T : class => values.GetValueOrDefault(key) switch
    {
        null => null,
        T value => value,
        object other => throw Expected(key, other, expected),
    };

    private static int? AsInteger(object value) => value switch
    {
        byte number => number,
        sbyte number and >= 0 => number,
        ushort number => number,
        short number and >= 0 => number,
        uint number and <= int.MaxValue => (int)number,
        int number and >= 0 => number,
        ulong number and <= int.MaxValue => (int)number,
        long number and >= 0 and <= int.MaxValue => (int)number,
        _ => null,
    };

    private SealException Missing(string key) => Error(key, "is missing");

    private SealException Expected(string key, object value, string expected) =>
        Error(key, $"is {(value is Array list ? $"a list of {list.Length}" : $"{value} ({value.GetType().Name})")}, expected {expected}");

    private static object ReadValue(GgufCursor cursor, uint type, int depth) => type switch
    {
        TextType => cursor.Text(),
        ArrayType => ReadArray(cursor, depth + 1),
        < 13 => Scalars(cursor, type, 1).GetValue(0)!,
        _ => throw cursor.Error($"has value type {type}, expected 0 to 12"),
    };

    private static Array ReadArray(GgufCursor cursor, int depth)
    {
        if (depth > DeepestArray) throw cursor.Error($"nests lists more than {DeepestArray} deep");
        uint type = cursor.UInt32();
        if (type >= Sizes.Length) throw cursor.Error($"has item type {type}, expected 0 to 12");
        int count = cursor.Count("items", Sizes[type]);
        if (type == TextType)
        {
            string[] texts = new string[count];
            for (int i = 0; i < count; i++) texts[i] = cursor.Text();
            return texts;
        }
        if (type != ArrayType) return Scalars(cursor, type, count);
        Array[] lists = new Array[count];
        for (int i = 0; i < count; i++) lists[i] = ReadArray(cursor, depth + 1);
        return lists;
    }

    private static Array Scalars(GgufCursor cursor, uint type, int count)
    {
        ReadOnlySpan<byte> bytes = cursor.Take(count * Sizes[type]);
        return type switch
        {
            0 => bytes.ToArray(),
            1 => MemoryMarshal.Cast<byte, sbyte>(bytes).ToArray(),
            2 => MemoryMarshal.Cast<byte, ushort>(bytes).ToArray(),
            3 => MemoryMarshal.Cast<byte, short>(bytes).ToArray(),
            4 => MemoryMarshal.Cast<byte, uint>(bytes).ToArray(),
            5 => MemoryMarshal.Cast<byte, int>(bytes).ToArray(),
            6 => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
            7 => Flags(cursor, bytes),
            10 => MemoryMarshal.Cast<byte, ulong>(bytes).ToArray(),
            11 => MemoryMarshal.Cast<byte, long>(bytes).ToArray(),
            _ => MemoryMarshal.Cast<byte, double>(bytes).ToArray(),
        };
    }

    private static bool[] Flags(GgufCursor cursor, ReadOnlySpan<byte> bytes)
    {
        bool[] flags = new bool[bytes.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] > 1) throw cursor.Error($"has the truth value {bytes[i]}, expected 0 or 1");
            flags[i] = bytes[i] == 1;
        }
        return flags;
    }
}

using System.Runtime.InteropServices;
using System.Text;
using Seal.Kernels;
using Seal.Models.Formats;
using Seal.Tests;

namespace Seal.Models.Tests.Formats;

public sealed class SafetensorsTests
{
    [Test]
    public void WhatIsWrittenIsRead()
    {
        using TemporaryFolder folder = new();
        float[] wide = [1.5f, -2.25f, float.NaN, float.PositiveInfinity, 1e-40f, 3f];
        float[] narrow = [1f, -0.5f, 65504f];
        string path = folder.File("x.safetensors");
        SafetensorsWriter.Write(path,
        [
            new TensorToWrite("half", [3], narrow, StoredType.F16),
            new TensorToWrite("brain", [3, 1], narrow, StoredType.BF16),
            new TensorToWrite("wide", [2, 3], wide),
            new TensorToWrite("scalar", [], (float[])[7f]),
            new TensorToWrite("empty", [0, 4], ReadOnlyMemory<float>.Empty),
        ], new Dictionary<string, string> { ["format"] = "pt", ["naïve"] = "\"quoted\" \n 海豹" });

        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.That(file.Tensors.Keys, Is.EquivalentTo((string[])["half", "brain", "wide", "scalar", "empty"]));
        Assert.That(file.Metadata["naïve"], Is.EqualTo("\"quoted\" \n 海豹"));
        Assert.That(file.Tensor("wide").Shape, Is.EqualTo((long[])[2, 3]));
        Assert.That(Read(file.Tensor("wide")), Is.EqualTo(wide));
        Assert.That(Read(file.Tensor("half")), Is.EqualTo(narrow));
        Assert.That(Read(file.Tensor("brain")), Is.EqualTo((float[])[1f, -0.5f, 65536f]), "65504 rounds to 8 bits of fraction");
        Assert.That(Read(file.Tensor("scalar")), Is.EqualTo((float[])[7f]));
        Assert.That(Read(file.Tensor("empty")), Is.Empty);
    }

    [Test]
    public void BFloat16IsReadUnchangedAndOthersRounded()
    {
        using TemporaryFolder folder = new();
        float[] values = [.. Enumerable.Range(0, 10_000).Select(i => MathF.Sin(i) * i)];
        ushort[] rounded = new ushort[values.Length], fromBrain = new ushort[values.Length], fromWide = new ushort[values.Length];
        BFloat16.Round(values, rounded);
        SafetensorsWriter.Write(folder.File("x.safetensors"),
            [new TensorToWrite("brain", [100, 100], values, StoredType.BF16), new TensorToWrite("wide", [100, 100], values)]);
        using SafetensorsFile file = SafetensorsFile.Open(folder.File("x.safetensors"));
        file.Tensor("brain").ReadBFloat16(fromBrain);
        file.Tensor("wide").ReadBFloat16(fromWide);
        Assert.That(fromBrain, Is.EqualTo(rounded));
        Assert.That(fromWide, Is.EqualTo(rounded));
        Assert.That(() => file.Tensor("wide").ReadFloat32(new float[9999]), Throws.ArgumentException);
    }

    [Test]
    public void DoublesAreRounded()
    {
        double[] values = [1.0 / 3, 1e300, -2];
        using TemporaryFolder folder = new();
        string path = folder.Write("x.safetensors", Bytes("""{"d":{"dtype":"F64","shape":[3],"data_offsets":[0,24]}}""", MemoryMarshal.AsBytes(values.AsSpan()).ToArray()));
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.That(Read(file.Tensor("d")), Is.EqualTo((float[])[1f / 3, float.PositiveInfinity, -2f]));
    }

    [Test]
    public void TheOrderOfTheTensorsDoesNotChangeTheBytes()
    {
        using TemporaryFolder folder = new();
        TensorToWrite[] tensors = [new("b", [2], (float[])[1, 2]), new("a", [1], (float[])[3], StoredType.BF16), new("c", [1], (float[])[4])];
        SafetensorsWriter.Write(folder.File("1"), tensors);
        SafetensorsWriter.Write(folder.File("2"), tensors.Reverse());
        byte[] bytes = File.ReadAllBytes(folder.File("1"));
        Assert.That(File.ReadAllBytes(folder.File("2")), Is.EqualTo(bytes));
        Assert.That(BitConverter.ToInt64(bytes) % 8, Is.Zero, "the tensors begin aligned");
    }

    [Test]
    public void TheReferenceWriterGivesTheSameBytes()
    {
        string golden = SharedFolder.Require("goldens", "llama-tied", "single_init", "adapter_model.safetensors");
        using TemporaryFolder folder = new();
        using SafetensorsFile file = SafetensorsFile.Open(golden);
        SafetensorsWriter.Write(folder.File("again"), file.Tensors.Values.Select(tensor => new TensorToWrite(tensor.Name, tensor.Shape, Read(tensor))), file.Metadata);
        Assert.That(File.ReadAllBytes(folder.File("again")), Is.EqualTo(File.ReadAllBytes(golden)));
    }

    [Test]
    public void AFailedWriteLeavesTheOldFileAndNothingElse()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("x.safetensors", "old");
        Assert.That(() => AtomicFile.Write(path, stream =>
        {
            stream.WriteByte(1);
            throw new IOException("No space left on device");
        }), Throws.TypeOf<SealException>().With.Message.Contains(path).And.Message.Contains("No space left"));
        Assert.That(File.ReadAllText(path), Is.EqualTo("old"));
        Assert.That(Directory.GetFiles(folder.Path), Has.Length.EqualTo(1));
        Assert.That(() => SafetensorsWriter.Write(folder.File("no/such/folder"), []), Throws.TypeOf<SealException>());
    }

    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "ends at 8", Description = "truncated data")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 12, "which has 12", Description = "bytes left over")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "begins at 4, expected 0", Description = "a hole")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "overlap")]
    [TestCase("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "'a.data_offsets' spans 8 bytes, but shape [3] of F32 takes 12")]
    [TestCase("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}""", 8, "larger than any file")]
    [TestCase("""{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,8]}}""", 8, "larger than any file")]
    [TestCase("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "'a.shape' is [-2]")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", 8, "'a.shape[0]' is 2.5")]
    [TestCase("""{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}""", 8, "'a.shape' is 2, expected a list")]
    [TestCase("""{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}""", 8, "'a.dtype' is 'I64', expected one of F64, F32, F16, BF16")]
    [TestCase("""{"a":{"shape":[1],"data_offsets":[0,8]}}""", 8, "'a.dtype' is missing")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "'a.data_offsets' is [8, 0]")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", 8, "'a.data_offsets' is [0]")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,18446744073709551615]}}""", 8, "'a.data_offsets[1]' is 18446744073709551615")]
    [TestCase("""{"a":null}""", 0, "'a' is null")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "not valid JSON")]
    [TestCase("""{"__metadata__":{"format":1}}""", 0, "'__metadata__.format' is 1, expected a string")]
    [TestCase("""{"a":{"dtype":"\ud800","shape":[1],"data_offsets":[0,4]}}""", 4, "well-formed Unicode")]
    [TestCase("""{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "")]
    [TestCase("""{"a":""", 0, "not valid JSON")]
    [TestCase("""[]""", 0, "does not start with '{'")]
    public void ViolationsNameFileAndField(string header, int dataBytes, string complaint)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("bad.safetensors", Bytes(header, new byte[dataBytes]));
        Assert.That(() => SafetensorsFile.Open(path), Throws.TypeOf<SealException>().With.Message.StartsWith(path).And.Message.Contains(complaint));
    }

    [TestCase(new byte[0], "empty")]
    [TestCase(new byte[] { 1, 2, 3 }, "too few")]
    [TestCase(new byte[] { 255, 255, 255, 255, 255, 255, 255, 255, 1 }, "18446744073709551615")]
    [TestCase(new byte[] { 200, 0, 0, 0, 0, 0, 0, 0, 123 }, "truncated")]
    [TestCase(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0 }, "does not start with")]
    public void AHeaderLengthBeyondTheFileIsRefused(byte[] bytes, string complaint)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("bad.safetensors", bytes);
        Assert.That(() => SafetensorsFile.Open(path), Throws.TypeOf<SealException>().With.Message.Contains(complaint));
    }

    internal static float[] Read(StoredTensor tensor)
    {
        float[] values = new float[tensor.Count];
        tensor.ReadFloat32(values);
        return values;
    }

    internal static byte[] Bytes(string header, byte[] data)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((long)json.Length), .. json, .. data];
    }
}

using Seal.Kernels;
using Seal.Models.Formats;
using Seal.Tests;

namespace Seal.Models.Tests.Formats;

public sealed class GgufFileTests
{
    [Test]
    public void EveryTypeIsWidenedAsTheReferenceDoes([Values("F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K")] string type)
    {
        using GgufFile file = GgufFile.Open(SharedFolder.Require("goldens", "gguf-types", "types.gguf"));
        using SafetensorsFile expected = SafetensorsFile.Open(SharedFolder.Require("goldens", "gguf-types", "float32.safetensors"));
        StoredTensor tensor = file.Tensor(type);
        Assert.That(tensor.Shape, Is.EqualTo(expected.Tensor(type).Shape));
        Assert.That(tensor.Type.ToString(), Is.EqualTo(type));
        Assert.That(SafetensorsTests.Read(tensor), Is.EqualTo(SafetensorsTests.Read(expected.Tensor(type))).Within(1e-4).Percent, "1e-6 relative");
    }

    [TestCase("x", "tensor 'x' is stored as IQ2_XXS (type 16), expected one of F32")]
    [TestCase("y", "tensor 'y' is stored as an unknown type (type 99)")]
    [TestCase("none", "no tensor 'none' among the 2")]
    public void OtherTypesAreNamedWhenAskedFor(string tensor, string complaint)
    {
        using TemporaryFolder folder = new();
        using GgufFile file = GgufFile.Open(folder.Write("x.gguf", new GgufBuilder()
            .WithTensor("x", [256], 16, new byte[66]).WithTensor("y", [256], 99, new byte[64]).Build()));
        Assert.That(() => file.Tensor(tensor), Throws.TypeOf<SealException>().With.Message.Contains(complaint));
    }

    [Test]
    public void MetadataOfEveryTypeIsRead()
    {
        using TemporaryFolder folder = new();
        using GgufFile file = GgufFile.Open(folder.Write("x.gguf", new GgufBuilder()
            .With("u8", (byte)200).With("i8", (sbyte)-1).With("u16", (ushort)65535).With("i16", (short)7).With("u32", 4000000000u).With("i32", 8)
            .With("f32", 1.5f).With("bool", true).With("text", "海豹").With("u64", 9ul).With("i64", -9L).With("f64", 0.1)
            .With("texts", (string[])["a", "", "β"]).With("shorts", (short[])[1, 2]).With("nested", (int[][])[[1], []]).With("flags", (bool[])[true, false])
            .Build()));
        GgufMetadata metadata = file.Metadata;
        Assert.Multiple(() =>
        {
            Assert.That(metadata.Integer("u8"), Is.EqualTo(200));
            Assert.That(metadata.Integer("u16"), Is.EqualTo(65535));
            Assert.That(metadata.Integer("i16"), Is.EqualTo(7));
            Assert.That(metadata.Integer("i32"), Is.EqualTo(8));
            Assert.That(metadata.Integer("u64"), Is.EqualTo(9));
            Assert.That(metadata.Number("f32"), Is.EqualTo(1.5));
            Assert.That(metadata.Number("f64"), Is.EqualTo(0.1));
            Assert.That(metadata.Number("u8"), Is.EqualTo(200));
            Assert.That(metadata.Flag("bool"), Is.True);
            Assert.That(metadata.Text("text"), Is.EqualTo("海豹"));
            Assert.That(metadata.Texts("texts"), Is.EqualTo((string[])["a", "", "β"]));
            Assert.That(metadata.Integers("shorts"), Is.EqualTo((int[])[1, 2]));
            Assert.That(metadata.Has("nested") && metadata.Has("flags"));
            Assert.That(metadata.Integer("absent"), Is.Null);
            foreach (string key in (string[])["u32", "i8", "i64", "f32", "text", "bool", "texts"])
                Assert.That(() => metadata.Integer(key), Throws.TypeOf<SealException>().With.Message.Contains($"'{key}' is"), key);
            Assert.That(() => metadata.Text("u8"), Throws.TypeOf<SealException>().With.Message.Contains("'u8' is 200 (Byte), expected text"));
            Assert.That(() => metadata.Integers("nested"), Throws.TypeOf<SealException>());
            Assert.That(() => metadata.RequiredText("absent"), Throws.TypeOf<SealException>().With.Message.Contains("'absent' is missing"));
        });
    }

    [Test]
    public void AnAlignmentOfTheFileIsHonoured()
    {
        using TemporaryFolder folder = new();
        GgufBuilder builder = new GgufBuilder { Alignment = 256 }.With("general.alignment", 256u).WithTensor("a", [3], [1, 2, 3]).WithTensor("b", [1], [4]);
        using GgufFile file = GgufFile.Open(folder.Write("x.gguf", builder.Build()));
        Assert.That(SafetensorsTests.Read(file.Tensor("b")), Is.EqualTo((float[])[4]));
    }

    public static IEnumerable<TestCaseData> Violations()
    {
        yield return new TestCaseData(new GgufBuilder { Version = 2 }.Build(), "version 2, expected 3");
        yield return new TestCaseData(new GgufBuilder().With("general.alignment", 24u).Build(), "'general.alignment' is 24");
        yield return new TestCaseData(new GgufBuilder().With("a", 1u).WithSecond("a", 2u).Build(), "'a' is given twice");
        yield return new TestCaseData(new GgufBuilder().With("deep", (int[][][][][])[[[[[1]]]]]).Build(), "nests lists");
        yield return new TestCaseData(new GgufBuilder().WithTensor("t", [1], [1]).WithTensor("t", [1], [1]).Build(), "'t' is described twice");
        yield return new TestCaseData(new GgufBuilder().WithTensor("t", [2, 0], []).Build(), "'t' has a dimension of 0");
        yield return new TestCaseData(new GgufBuilder().WithTensor("t", [1, 1, 1, 1, 1], [1]).Build(), "'t' has 5 dimensions");
        yield return new TestCaseData(new GgufBuilder().WithTensor("t", [1L << 40, 1L << 40], [1]).Build(), "tensor 't' has shape [1099511627776, 1099511627776]");
        yield return new TestCaseData(new GgufBuilder().WithTensor("t", [long.MaxValue], [1]).Build(), "tensor 't' has shape");
        yield return new TestCaseData(new GgufBuilder().WithTensor("t", [16], 2, new byte[18]).Build(), "rows of 16, expected whole blocks of 32 for Q4_0");
        yield return new TestCaseData(new GgufBuilder().WithTensor("t", [1], 0, new byte[32], 8).Build(), "not a multiple of the alignment 32");
        yield return new TestCaseData(new GgufBuilder().WithTensor("t", [1], 0, new byte[32], ulong.MaxValue - 31).Build(), "'t' begins at 18446744073709551584");
        yield return new TestCaseData(new GgufBuilder().WithTensor("t", [9], new float[9]).WithTensor("u", [1], 0, new byte[4], 32).Build(), "inside the tensor before it");
        yield return new TestCaseData(new GgufBuilder().WithTensor("t", [99], new float[99]).Build()[..^40], "truncated");
        yield return new TestCaseData("GGML----------------"u8.ToArray(), "not a GGUF file");
        yield return new TestCaseData("GG"u8.ToArray(), "not a GGUF file");
        yield return new TestCaseData((byte[])[.. "GGUF"u8, 3, 0, 0, 0, .. BitConverter.GetBytes(ulong.MaxValue), .. BitConverter.GetBytes(0L)], "18446744073709551615 tensors");
        yield return new TestCaseData((byte[])[.. "GGUF"u8, 3, 0, 0, 0, .. BitConverter.GetBytes(0L), .. BitConverter.GetBytes(1L << 60)], "metadata keys");
    }

    [TestCaseSource(nameof(Violations))]
    public void ViolationsNameFileAndField(byte[] bytes, string complaint)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("bad.gguf", bytes);
        Assert.That(() => GgufFile.Open(path), Throws.TypeOf<SealException>().With.Message.StartsWith(path).And.Message.Contains(complaint));
    }
}

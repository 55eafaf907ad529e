using CsCheck;
using Seal.Kernels;
using Seal.Models.Formats;

namespace Seal.Models.Tests.Formats;

/// <summary>
/// Files with changed bytes or cut short: they are refused with a message, or read (the change may have met a weight), and nothing
/// else: no other exception, no endless loop, no memory beyond a small multiple of the file.
/// </summary>
public sealed class DamagedFileTests
{
    private const long MostAllocated = 16 << 20;

    /// <summary>Sizes and offsets that sums and products overflow on.</summary>
    private static readonly long[] Hostile = [0, -1, long.MinValue, long.MaxValue, 1L << 31, 1L << 32, 1L << 40];

    [Test]
    public void SafetensorsNeverDoAnythingElse()
    {
        using TemporaryFolder folder = TinyFolder.Make();
        byte[] whole = File.ReadAllBytes(folder.File("model.safetensors"));
        int header = 8 + (int)BitConverter.ToInt64(whole);
        Check(folder, "damaged.safetensors", whole, header, path =>
        {
            using SafetensorsFile file = SafetensorsFile.Open(path);
            foreach (StoredTensor tensor in file.Tensors.Values) _ = SafetensorsTests.Read(tensor);
        });
    }

    [TestCase("llama")]
    [TestCase("qwen3")]
    public void GgufNeverDoesAnythingElse(string architecture)
    {
        using TemporaryFolder folder = new();
        byte[] whole = TinyGguf.Model(architecture).Build();
        using (ModelFile model = ModelFile.Open(folder.Write("whole.gguf", whole))) Assert.That(model.Config.Layers, Is.EqualTo(1));
        int header = whole.Length - 4 * 10 * 8; // about: the embedding comes first in the data
        Check(folder, "damaged.gguf", whole, header, path =>
        {
            using ModelFile model = ModelFile.Open(path);
            foreach ((string name, _) in TensorLayout.Expected(model.Config)) _ = SafetensorsTests.Read(model.Tensor(name));
        });
    }

    [Test]
    public void ConfigurationsNeverDoAnythingElse()
    {
        using TemporaryFolder folder = TinyFolder.Make();
        byte[] whole = System.Text.Encoding.UTF8.GetBytes(TinyFolder.Config);
        Check(folder, "config.json", whole, whole.Length, _ => ModelFile.Open(folder.Path).Dispose());
    }

    [Test]
    public void AdapterSettingsNeverDoAnythingElse()
    {
        using TemporaryFolder folder = new();
        PeftAdapterTests.Tiny().Write(folder.Path);
        byte[] whole = File.ReadAllBytes(folder.File("adapter_config.json"));
        Check(folder, "adapter_config.json", whole, whole.Length, _ => PeftAdapter.Read(folder.Path));
    }

    /// <summary>Opens many damaged copies; each must be refused properly or read.</summary>
    /// <param name="header">Bytes in front, where the changes fall.</param>
    private static void Check(TemporaryFolder folder, string name, byte[] whole, int header, Action<string> open)
    {
        Gen<byte[]> changed = Gen.Select(Gen.Int[0, header - 1], Gen.Byte).Array[1, 6].Select(changes =>
        {
            byte[] bytes = [.. whole];
            foreach ((int at, byte value) in changes) bytes[at] = value;
            return bytes;
        });
        Gen<byte[]> flipped = Gen.Select(Gen.Int[0, header - 1], Gen.Int[0, 7]).Select((at, bit) =>
        {
            byte[] bytes = [.. whole];
            bytes[at] ^= (byte)(1 << bit);
            return bytes;
        });
        Gen<byte[]> cut = Gen.Int[0, whole.Length - 1].Select(length => whole[..length]);
        Gen<byte[]> overwritten = Gen.Select(Gen.Int[0, header - 8], Gen.Int[0, Hostile.Length - 1]).Select((at, which) =>
        {
            byte[] bytes = [.. whole];
            BitConverter.GetBytes(Hostile[which]).CopyTo(bytes, at);
            return bytes;
        });
        int refused = 0;
        Gen.OneOf(changed, flipped, cut, overwritten).Sample(bytes =>
        {
            string path = folder.Write(name, bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                open(path);
            }
            catch (SealException error)
            {
                refused++;
                Assert.That(error.Message, Does.StartWith(folder.Path));
            }
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(MostAllocated));
        }, iter: 1500, threads: 1, print: bytes => $"{name} of {bytes.Length} bytes: {Convert.ToBase64String(bytes)}");
        Assert.That(refused, Is.GreaterThan(100), "the damage is seen");
    }
}

using System.Globalization;
using System.Text.RegularExpressions;
using Seal.Kernels.Ilgpu;

namespace Seal.Kernels.Tests.Ilgpu;

/// <summary>Reads the PTX of every kernel, made here for every architecture: what a GPU would be given, as far as text can tell.</summary>
[TestFixture(DType.F32)]
[TestFixture(DType.BF16)]
public partial class PtxTests(DType activation)
{
    /// <summary>Kernels that are products of matrices, by the method's name.</summary>
    private static readonly string[] Products =
        ["Linear<", "LoraDown<", "LoraUp<", "LinearBackward<", "DownGradient<", "UpGradient<", "LogitStatistics<", "LogitGradient<"];

    private static readonly Dictionary<(DType, string), PtxKernel[]> Compiled = [];

    private PtxKernel[] All(string architecture)
    {
        if (!Compiled.TryGetValue((activation, architecture), out PtxKernel[]? kernels))
        {
            using Ptx ptx = new(architecture);
            Compiled[(activation, architecture)] = kernels = [.. ptx.CompileAll(activation)];
        }
        return kernels;
    }

    [TestCase("sm_80", "7.0")]
    [TestCase("sm_86", "7.1")]
    [TestCase("sm_89", "7.8")]
    [TestCase("sm_90", "7.8")]
    public void EveryKernelIsMadeForEveryArchitecture(string architecture, string version)
    {
        PtxKernel[] kernels = All(architecture);
        Assert.That(kernels.Select(kernel => kernel.Name[..kernel.Name.IndexOf('<')]), Is.SupersetOf(new[]
        {
            "Linear", "LoraDown", "LoraUp", "LinearBackward", "DownGradient", "UpGradient", "LogitStatistics", "LogitGradient", "JoinTiles", "Attend",
            "QueryGradient", "KeyGradient", "AttendCached", "NormaliseRows", "NormaliseRowsBackward", "Rotate", "GateUp", "GateUpBackward", "CopyRows",
            "GradientSquares", "GradientNorms", "Update", "AddInto", "Convert", "Clear",
        }));
        foreach (PtxKernel kernel in kernels)
        {
            Assert.That(kernel.Assembly, Does.Match($@"\.target {architecture}\b").And.Match($@"\.version {version}\b").And.Contain(".address_size 64"), kernel.Name);
            Assert.That(kernel.Assembly, Does.Contain($".visible .entry {kernel.Entry}(").And.Contain($".maxntid {default(GpuShape).GroupSize}, 1, 1"), kernel.Name);
        }
    }

    [TestCase("sm_80")]
    [TestCase("sm_90")]
    public void NothingSpillsIsCalledOrIsMissing(string architecture)
    {
        foreach (PtxKernel kernel in All(architecture))
            foreach (string unwanted in (string[])["__local_depot", "ld.local", "st.local", ".extern", "call", "atom."])
                Assert.That(kernel.Assembly, Does.Not.Contain(unwanted), $"{kernel.Name} on {architecture}");
    }

    /// <summary>A comparison's 1 converted to a float became the float whose bits are 1, on GPUs alone: seen on an H100, where no target was subtracted from its probability.</summary>
    [TestCase("sm_80")]
    [TestCase("sm_90")]
    public void NoComparisonIsTakenForAFloat(string architecture)
    {
        foreach (PtxKernel kernel in All(architecture))
            Assert.That(kernel.Assembly, Does.Not.Contain("0f00000001"), $"{kernel.Name} on {architecture}");
    }

    [TestCase("sm_80")]
    [TestCase("sm_90")]
    public void SharedMemoryFitsWithoutAskingForMore(string architecture)
    {
        foreach (PtxKernel kernel in All(architecture))
            Assert.That(
                SharedArrays().Matches(kernel.Assembly).Sum(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)),
                Is.LessThanOrEqualTo(48 << 10), kernel.Name);
    }

    [TestCase("sm_80")]
    [TestCase("sm_90")]
    public void ProductsAreFusedMultiplyAddsOnVectorLoads(string architecture)
    {
        string global = activation == DType.F32 ? "ld.global.v4.f32" : "ld.global.v4.b16";
        PtxKernel[] products = [.. All(architecture).Where(kernel => Products.Any(kernel.Name.StartsWith))];
        Assert.That(products, Has.Length.EqualTo(10)); // Linear also makes logits, LinearBackward also the cross entropy's gradient
        foreach (PtxKernel kernel in products)
        {
            Assert.That(Count(kernel, "fma.rn.f32"), Is.GreaterThanOrEqualTo(16), kernel.Name);
            Assert.That(kernel.Assembly, Does.Contain(global).And.Contain("ld.shared.v4.f32"), kernel.Name);
        }
        foreach (PtxKernel kernel in products.Where(kernel => kernel.Name.StartsWith("LinearBackward<", StringComparison.Ordinal)))
            Assert.That(kernel.Assembly, Does.Contain("st.shared.v4.f32").And.Contain("st.global.v4"), kernel.Name);
    }

    [Test]
    public void AttentionMultipliesAndAddsInOne()
    {
        foreach (PtxKernel kernel in All("sm_80").Where(kernel => kernel.Name.StartsWith("Attend", StringComparison.Ordinal)))
            Assert.That(Count(kernel, "fma.rn.f32"), Is.GreaterThan(2), kernel.Name);
    }

    /// <summary>The parameter list is what <see cref="ParameterBytes"/> documents: one struct of so many bytes, read at the fields' places as their types.</summary>
    [TestCase("sm_80")]
    [TestCase("sm_90")]
    public void TheParameterListIsTheDocumentedStruct(string architecture)
    {
        foreach ((Kernel kernel, PtxKernel compiled) in Ptx.KernelsOf(activation).Zip(All(architecture)))
        {
            Match entry = Entry().Match(compiled.Assembly);
            Assert.That(entry.Success, compiled.Name);
            Assert.That(int.Parse(entry.Groups["align"].Value, CultureInfo.InvariantCulture), Is.EqualTo(8), compiled.Name);
            Assert.That(int.Parse(entry.Groups["bytes"].Value, CultureInfo.InvariantCulture), Is.EqualTo(compiled.ParameterBytes), compiled.Name);

            Dictionary<int, string> fields = ArgumentLayout.Of(kernel.Body.GetParameters().Single().ParameterType).Types;
            MatchCollection loads = Loads(entry.Groups["name"].Value).Matches(compiled.Assembly);
            Assert.That(loads, Is.Not.Empty, compiled.Name);
            foreach (Match load in loads)
            {
                int offset = load.Groups["offset"].Success ? int.Parse(load.Groups["offset"].Value, CultureInfo.InvariantCulture) : 0;
                Assert.That(fields, Does.ContainKey(offset), $"{compiled.Name} reads at {offset}");
                Assert.That(load.Groups["type"].Value, Is.EqualTo(fields[offset]), $"{compiled.Name} at {offset}");
            }
        }
    }

    [Test]
    public void AnUnknownArchitectureIsSaid() =>
        Assert.That(() => new Ptx("sm_75"), Throws.TypeOf<SealException>().With.Message.Contains("sm_75").And.Message.Contains("sm_80"));

    private static int Count(PtxKernel kernel, string instruction) => kernel.Assembly.Split(instruction).Length - 1;

    private static Regex Loads(string parameter) => new($@"ld\.param\.(?<type>\w+)\s+%\w+, \[{Regex.Escape(parameter)}(\+(?<offset>\d+))?\]");

    [GeneratedRegex(@"\.visible \.entry \w+\(\s*\.param \.align (?<align>\d+) \.b8 (?<name>\w+)\[(?<bytes>\d+)\]\s*\)")]
    private static partial Regex Entry();

    [GeneratedRegex(@"\.shared \.align \d+ \.b8 \w+\[(\d+)\]")]
    private static partial Regex SharedArrays();
}

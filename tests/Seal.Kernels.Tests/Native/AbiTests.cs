using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Seal.Kernels.Native;
using Seal.Tests;

namespace Seal.Kernels.Tests.Native;

/// <summary>The two sides of the border say the same: the header, the C# declarations and the library that was built.</summary>
public partial class AbiTests
{
    private static readonly string Header = File.ReadAllText(RepositoryRoot.Path("native", "include", "seal.h"));

    [Test]
    public void The_declarations_are_the_functions_of_the_header()
    {
        string[] exported = Exported().Matches(Header).Select(match => match.Groups[1].Value).ToArray();
        string[] declared = typeof(LibSeal).GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .Select(method => method.Name).Where(name => name.StartsWith("seal_")).ToArray();
        Assert.That(exported, Is.Not.Empty);
        Assert.That(declared, Is.EquivalentTo(exported));
    }

    [TestCase("SEAL_", typeof(SealStatus), "SEAL_OK", "SEAL_INTERNAL")]
    [TestCase("SEAL_", typeof(BlockType), "SEAL_Q4_0", "SEAL_Q8_0")]
    [TestCase("SEAL_ISA_", typeof(InstructionSet), "SEAL_ISA_PORTABLE", "SEAL_ISA_AVX512_BF16")]
    public void The_enums_have_the_values_of_the_header(string prefix, Type managed, string first, string last)
    {
        string body = Header[Header.IndexOf(first)..];
        body = body[..body.IndexOf('}')];
        var inHeader = Enumerator().Matches(body).ToDictionary(
            match => match.Groups[1].Value[prefix.Length..].Replace("_", "").ToLowerInvariant(), match => int.Parse(match.Groups[2].Value));
        var inManaged = Enum.GetNames(managed).ToDictionary(name => name.Replace("_", "").ToLowerInvariant(), name => (int)Enum.Parse(managed, name));
        Assert.That(body, Does.Contain(last));
        Assert.That(inManaged, Is.EquivalentTo(inHeader));
    }

    [Test]
    public void The_managed_range_ends_with_the_header_s_version() =>
        Assert.That(LibSealLoad.LastVersion, Is.EqualTo(int.Parse(Regex.Match(Header, @"SEAL_ABI_VERSION = (\d+)").Groups[1].Value)));

    [TestCase("SealCpuFeatures", typeof(SealCpuFeatures))]
    [TestCase("SealAdamWRow", typeof(SealAdamWRow))]
    [TestCase("SealStepCounts", typeof(SealStepCounts))]
    public void The_fields_of_a_struct_stand_in_the_header_s_order(string name, Type managed)
    {
        string body = Header[(Header.IndexOf($"typedef struct {name} {{") + $"typedef struct {name} {{".Length)..];
        var inHeader = Field().Matches(body[..body.IndexOf('}')]).Select(match => match.Groups[1].Value.Replace("_", ""));
        var inManaged = managed.GetFields(BindingFlags.Instance | BindingFlags.NonPublic).Select(field => field.Name.ToLowerInvariant());
        Assert.That(inManaged, Is.EqualTo(inHeader));
    }

    [Test]
    public void Structs_have_the_exported_sizes()
    {
        NativeBuild.RequireLibrary();
        Assert.That(Unsafe.SizeOf<SealCpuFeatures>(), Is.EqualTo(LibSeal.seal_sizeof_cpu_features()));
        Assert.That(Unsafe.SizeOf<SealAdamWRow>(), Is.EqualTo(LibSeal.seal_sizeof_adamw_row()));
        Assert.That(Unsafe.SizeOf<SealStepCounts>(), Is.EqualTo(LibSeal.seal_sizeof_step_counts()));
    }

    [Test]
    public void The_group_s_struct_has_the_exported_size()
    {
        NativeBuild.RequireLibrary();
        Assert.That(Unsafe.SizeOf<SealFactorShape>(), Is.EqualTo(LibSeal.seal_sizeof_factor_shape()));
        Assert.That(Unsafe.SizeOf<SealLoraLinear>(), Is.EqualTo(LibSeal.seal_sizeof_lora_linear()));
        Assert.That(Unsafe.SizeOf<SealQuantizedLinear>(), Is.EqualTo(LibSeal.seal_sizeof_quantized_linear()));
        Assert.That(Unsafe.SizeOf<SealDecodeStep>(), Is.EqualTo(LibSeal.seal_sizeof_decode_step()));
    }

    [GeneratedRegex(@"^SEAL_API\s[^;]*?\b(seal_\w+)\(", RegexOptions.Multiline)]
    private static partial Regex Exported();

    [GeneratedRegex(@"(SEAL_\w+) = (\d+)")]
    private static partial Regex Enumerator();

    [GeneratedRegex(@"(?:int32_t|int64_t|double|char) (\w+)")]
    private static partial Regex Field();
}

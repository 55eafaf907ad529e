using Seal.Kernels;
using Seal.Learning.Worlds;
using Seal.Models;
using Seal.Models.Formats;

namespace Seal.Learning.Tests.Worlds;

/// <summary>What every embedded model has to be.</summary>
/// <param name="defaults">Settings of its domain.</param>
public abstract class EmbeddedModelTests(Bottle bottle, RunSettings defaults)
{
    private Operators _operators = null!;

    protected LanguageModel Model { get; private set; } = null!;

    /// <summary>The domain's, as the model's file changes them, on its world.</summary>
    protected RunSettings Settings { get; private set; } = null!;

    [OneTimeSetUp]
    public void Open()
    {
        _operators = new NativeOperators(DType.F32);
        Model = LanguageModel.Open(Bottle.PathOf(bottle.Model), _operators);
        Settings = ModelSettings.Of(bottle.Model, defaults).OrEmbedded();
    }

    [OneTimeTearDown]
    public void Close()
    {
        Model.Dispose();
        _operators.Dispose();
    }

    [Test]
    public void ItIsSmallAndSaysHowItWasMadeAndHowItIsToBeTaught()
    {
        Assert.That(new FileInfo(Bottle.PathOf(bottle.Model)).Length, Is.LessThan(6_000_000));
        using GgufFile file = GgufFile.Open(Bottle.PathOf(bottle.Model));
        Assert.That(file.Metadata.Text("general.description"), Does.Contain("seal pretrain").And.Contain("--steps").And.Contain("hours, loss"));
        Assert.That(file.Metadata.Text(GgufModel.SettingsKey), Is.EqualTo(bottle.Settings), "the file carries the settings that the code states; write it again");
        Assert.That(Settings.Validated().Model, Is.EqualTo(bottle.Model), "it is the default of its domain");
    }
}

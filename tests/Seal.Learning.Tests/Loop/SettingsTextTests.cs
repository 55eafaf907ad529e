using Seal.Kernels;
using Seal.Models;

namespace Seal.Learning.Tests.Loop;

public sealed class SettingsTextTests
{
    private static readonly RunSettings s_complete = new() { Model = "m.gguf", Passages = "p.json" };

    [Test]
    public void A_file_is_laid_over_the_defaults_field_by_field()
    {
        RunSettings settings = SettingsText.Merge(RunSettings.Compat, """
            {
              // what differs
              "rounds": 7,
              "d_type": "bf16",
              "trial": { "inner": { "lora": { "targets": ["q_proj", "down_proj"] }, "epochs": 3, } },
            }
            """, "mine.json");
        Assert.That((settings.Rounds, settings.DType, settings.Trial.Inner.Epochs), Is.EqualTo((7, DType.BF16, 3)));
        Assert.That(settings.Trial.Inner.Lora.Targets, Is.EqualTo(new[] { LoraTarget.QProj, LoraTarget.DownProj }));
        Assert.That(settings.Trial.Inner.Lora.Rank, Is.EqualTo(RunSettings.Compat.Trial.Inner.Lora.Rank), "what stands beside it is kept");
        Assert.That(settings.SelfEdit, Is.EqualTo(RunSettings.Compat.SelfEdit));
    }

    [Test]
    public void What_is_written_reads_back()
    {
        string text = SettingsText.Write(RunSettings.Compat);
        Assert.That(SettingsText.Write(SettingsText.Merge(new RunSettings(), text, "a.json")), Is.EqualTo(text));
    }

    [TestCase("{\"rounds\": 1", "not JSON")]
    [TestCase("[1]", "object")]
    [TestCase("{\"runds\": 1}", "runds")]
    [TestCase("{\"trial\": {\"inner\": {\"epoch\": 1}}}", "epoch")]
    [TestCase("{\"rounds\": \"two\"}", "$.rounds")]
    [TestCase("{\"rounds\": 1.5}", "$.rounds")]
    [TestCase("{\"seed\": -1}", "$.seed")]
    [TestCase("{\"rounds\": 1, \"rounds\": 2}", "rounds")]
    [TestCase("{\"trial\": {\"inner\": null}}", "inner")]
    [TestCase("{\"model\": null}", "model")]
    [TestCase("{\"policy\": {\"lora\": {\"targets\": [\"r_proj\"]}}}", "$.policy.lora.targets")]
    [TestCase("{\"selection\": {\"reward\": \"luck\"}}", "$.selection.reward")]
    [TestCase("{\"trial\": 3}", "$.trial")]
    public void What_does_not_fit_names_file_and_field(string json, string field) =>
        Assert.That(() => SettingsText.Merge(new RunSettings(), json, "mine.json"), Throws.TypeOf<SealException>().With.Message.StartsWith("mine.json: ").And.Message.Contains(field));

    [Test]
    public void Single_fields_are_laid_over_both()
    {
        RunSettings settings = new();
        foreach (string assignment in (string[])["trial.inner.epochs=8", "model=a=b.gguf", "self_edit.prompt=rewrite", "selection.reward=f1", "trial.inner.lora.targets=[\"v_proj\"]", "trial.rules.limit=null"])
            settings = SettingsText.Set(settings, assignment);
        Assert.That((settings.Trial.Inner.Epochs, settings.Model, settings.SelfEdit.Prompt, settings.Selection.Reward), Is.EqualTo((8, "a=b.gguf", "rewrite", RewardKind.F1)));
        Assert.That(settings.Trial.Inner.Lora.Targets, Is.EqualTo(new[] { LoraTarget.VProj }));
    }

    [TestCase("rounds")]
    [TestCase("=3")]
    [TestCase("runds=3")]
    [TestCase("trial..epochs=3")]
    [TestCase("trial.inner.epochs=many")]
    [TestCase("rounds.inner=3")]
    public void A_field_that_cannot_be_set_is_named(string assignment) =>
        Assert.That(() => SettingsText.Set(new RunSettings(), assignment), Throws.TypeOf<SealException>().With.Message.StartsWith($"setting '{assignment}'"));

    [TestCase("model=\"\"", "settings.model")]
    [TestCase("take=-1", "settings.take")]
    [TestCase("rounds=0", "settings.rounds is '0'")]
    [TestCase("candidates=0", "settings.candidates")]
    [TestCase("self_edit.max_tokens=0", "settings.self_edit.max_tokens")]
    [TestCase("self_edit.prompt=haiku", "haiku")]
    [TestCase("self_edit.sampling.temperature=-1", "settings.self_edit: sampling.temperature is -1")]
    [TestCase("self_edit.sampling.top_p=0", "settings.self_edit: sampling.top_p is 0")]
    [TestCase("selection.best=0", "settings.selection.best")]
    [TestCase("selection.floor=0", "settings.selection.floor")]
    [TestCase("selection.floor=\"NaN\"", "settings.selection.floor")]
    [TestCase("trial.lockstep=0", "lockstep is 0")]
    [TestCase("trial.inner.epochs=0", "settings.trial: inner.epochs is 0")]
    [TestCase("trial.inner.max_sequence_tokens=1", "inner.max_sequence_tokens is 1")]
    [TestCase("trial.inner.optimizer.learning_rate=0", "settings.trial: optimizer.learning_rate is 0")]
    [TestCase("trial.exam.answer_tokens=0", "exam.answer_tokens is 0")]
    [TestCase("policy.epochs=0", "settings.policy.epochs")]
    [TestCase("policy.lora.rank=0", "settings.policy: lora.rank is 0")]
    [TestCase("policy.lora.targets=[]", "settings.policy: lora.targets")]
    [TestCase("policy.optimizer.learning_rate=\"NaN\"", "settings.policy: optimizer.learning_rate is NaN")]
    public void A_value_out_of_range_is_named(string assignment, string message)
    {
        Assert.That(() => s_complete.Validated(), Throws.Nothing);
        Assert.That(() => SettingsText.Set(s_complete, assignment).Validated(), Throws.TypeOf<SealException>().With.Message.Contains(message));
    }
}

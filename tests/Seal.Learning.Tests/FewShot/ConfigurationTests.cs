using System.Text;
using Seal.Learning.FewShot;
using Seal.Models.Text;

namespace Seal.Learning.Tests.FewShot;

public sealed class ConfigurationTests
{
    private const string Good = """
        {
          "data_generation": {
            "use_basic_augmentations": true,
            "use_size_augmentations": false,
            "use_chain_augmentations": true,
            "use_repeat_augmentations": false
          },
          "training": {
            "strategy": "train_using_output_tokens",
            "learning_rate": 5e-4,
            "num_train_epochs": 3
          }
        }
        """;

    private static readonly string s_good = Good.ReplaceLineEndings("\n");

    private static readonly Configuration s_meant = new(new DataGeneration(true, false, true, false), new TrainingChoice(LossScope.Output, 5e-4, 3));

    [Test]
    public void A_self_edit_is_read_in_any_layout()
    {
        Assert.That(ConfigurationText.Read(s_good), Is.EqualTo((s_meant, (string?)null)));
        Assert.That(ConfigurationText.Read($"\n {s_good.Replace("\n", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal)} ").Configuration, Is.EqualTo(s_meant));
        Assert.That(ConfigurationText.Read(s_meant.Text()).Configuration, Is.EqualTo(s_meant));
        Assert.That(s_meant.Text(), Is.EqualTo(s_good.Replace("5e-4", "0.0005", StringComparison.Ordinal)));
        Assert.That(ConfigurationText.Form.Matches(s_good) && ConfigurationText.Form.Matches(s_meant.Text()));
    }

    [TestCase("", "not valid JSON")]
    [TestCase("Sure! {}", "JSON")]
    [TestCase("[]", "array", "an object")]
    [TestCase("{}", "'data_generation' is missing")]
    [TestCase("\"training\"", "an object")]
    [TestCase("""{"data_generation": 5, "training": {}}""", "data_generation", "is 5", "an object")]
    [TestCase("""{"data_generation": {}, "training": []}""", "training", "array")]
    [TestCase("""{"data_generation": {}, "training": {}}""", "'data_generation.use_basic_augmentations' is missing")]
    [TestCase("\ud800", "JSON")]
    public void What_is_wrong_is_named(string text, params string[] named) => AssertNamed(text, named);

    [TestCase("true,", "1,", "'data_generation.use_basic_augmentations' is 1", "true or false")]
    [TestCase("train_using_output_tokens", "all", "'training.strategy' is \"all\"", "train_using_all_tokens")]
    [TestCase("\"train_using_output_tokens\"", "7", "'training.strategy' is 7")]
    [TestCase("5e-4", "-1", "'training.learning_rate' is -1", "1E-07")]
    [TestCase("5e-4", "0", "'training.learning_rate' is 0")]
    [TestCase("5e-4", "1e999", "'training.learning_rate' is 1e999")]
    [TestCase("5e-4", "\"1e-4\"", "'training.learning_rate' is \"1e-4\"")]
    [TestCase("5e-4", "0.1", "'training.learning_rate' is 0.1")]
    [TestCase("epochs\": 3", "epochs\": 0", "'training.num_train_epochs' is 0", "1 to 99")]
    [TestCase("epochs\": 3", "epochs\": 2.5", "is 2.5")]
    [TestCase("epochs\": 3", "epochs\": 99999999999", "is 99999999999")]
    [TestCase("epochs\": 3", "epochs\": 3, \"batch\": 1", "'training.batch' is not known")]
    [TestCase("epochs\": 3", "epochs\": 3, \"\\ud800\": 1", "JSON")]
    [TestCase("epochs\": 3", "epochs\": 3, \"num_train_epochs\": 4", "JSON")]
    [TestCase("epochs\": 3", "epochs\": null", "is null")]
    public void What_is_wrong_inside_is_named(string good, string bad, params string[] named) =>
        AssertNamed(s_good.Replace(good, bad, StringComparison.Ordinal), named);

    [Test]
    public void Every_text_of_the_form_can_be_read_and_few_others_are_of_it()
    {
        var random = new Random(3);
        var rates = new HashSet<double>();
        var epochs = new HashSet<int>();
        for (int i = 0; i < 800; i++)
        {
            string text = Walk(random);
            (Configuration? configuration, string? problem) = ConfigurationText.Read(text);
            Assert.That(problem, Is.Null, text);
            rates.Add(configuration!.Training.LearningRate);
            epochs.Add(configuration.Training.Epochs);
        }
        Assert.That(rates, Has.Count.GreaterThan(300));
        Assert.That(epochs, Has.Count.GreaterThan(70));
        foreach (string other in (string[])["", "{", s_good + " ", s_good[..^1], s_good.Replace("3", "0", StringComparison.Ordinal), s_good.Replace("5e-4", "5e-1", StringComparison.Ordinal)])
            Assert.That(ConfigurationText.Form.Matches(other), Is.False, other);
        Assert.That(ConfigurationText.Form.Longest, Is.InRange(s_good.Length, s_good.Length + 30));
    }

    [Test]
    public void The_published_reading_makes_nothing_of_what_it_does_not_understand()
    {
        Assert.That(PublishedConfiguration.Read(s_good), Is.EqualTo(new PublishedConfiguration(s_meant.DataGeneration, LossScope.Output, 5e-4, 3)));
        Assert.That(PublishedConfiguration.Read("{} x"), Is.Null);
        Assert.That(PublishedConfiguration.Read("""{"training": {}}"""), Is.Null);
        Assert.That(PublishedConfiguration.Read(s_good.Replace("output_tokens", "some_tokens", StringComparison.Ordinal))!.Epochs, Is.Zero);
        Assert.That(PublishedConfiguration.Read(s_good.Replace("true,", "\"yes\",", StringComparison.Ordinal)), Is.EqualTo(new PublishedConfiguration(null, LossScope.Output, 5e-4, 0)));
        PublishedConfiguration bare = PublishedConfiguration.Read("""{"data_generation": {}, "training": {}}""")!;
        Assert.That((bare.Epochs, bare.LearningRate, bare.Loss), Is.EqualTo((0.0, 0.0, LossScope.All)));
    }

    [TestCase(3, 250, 3)] // 375 steps
    [TestCase(4, 250, 0)] // 500
    [TestCase(7, 107, 7)] // 374.5
    public void Published_epochs_that_take_more_than_375_steps_are_none(int epochs, int examples, int trained) => Assert.That(
        new PublishedConfiguration(s_meant.DataGeneration, LossScope.All, 1e-4, epochs).EpochsOf(examples, 2, 375), Is.EqualTo(trained));

    /// <summary>A random text of the form, byte by byte.</summary>
    private static string Walk(Random random)
    {
        TextForm form = ConfigurationText.Form;
        var bytes = new List<byte>();
        int state = TextForm.Start;
        while (!form.MustEnd(state))
        {
            byte[] possible = [.. Enumerable.Range(0, 256).Select(b => (byte)b).Where(b => form.Next(state, b) >= 0)];
            bytes.Add(possible[random.Next(possible.Length)]);
            state = form.Next(state, bytes[^1]);
        }
        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static void AssertNamed(string text, IEnumerable<string> named)
    {
        (Configuration? configuration, string? problem) = ConfigurationText.Read(text);
        Assert.That(configuration, Is.Null);
        foreach (string words in named)
            Assert.That(problem, Does.Contain(words));
    }
}

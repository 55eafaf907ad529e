using System.Text.Json;
using Seal.Learning.Journal;

namespace Seal.Learning.FewShot;

/// <summary>Which augmentations make the training set; see <see cref="Augmentation"/>.</summary>
public sealed record DataGeneration(bool UseBasicAugmentations, bool UseSizeAugmentations, bool UseChainAugmentations, bool UseRepeatAugmentations);

/// <summary>
/// A self-edit of this domain: the data part chooses augmentations (texts, in the knowledge domain), the training part how they are learned.
/// Property names in JSON are the published ones.
/// </summary>
public sealed record Configuration(DataGeneration DataGeneration, TrainingChoice Training)
{
    /// <summary>The published fixed configuration of test-time training: all augmentations, loss on the output, 1e-4, two epochs.</summary>
    public static Configuration Fixed { get; } = new(new DataGeneration(true, true, true, true), new TrainingChoice(LossScope.Output, 1e-4, 2));

    /// <summary>The JSON as the prompt shows it, two spaces deep: the form that constrained sampling writes.</summary>
    public string Text() => JsonSerializer.Serialize(this, s_written);

    private static readonly JsonSerializerOptions s_written = new(CanonicalJson.Readable) { NewLine = "\n" };
}

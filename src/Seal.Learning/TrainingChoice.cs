using System.Text.Json.Serialization;

namespace Seal.Learning;

/// <summary>Which tokens of a training sequence are learned.</summary>
public enum LossScope
{
    /// <summary>Every token.</summary>
    [JsonStringEnumMemberName("train_using_all_tokens")]
    All,

    /// <summary>What the model is to answer.</summary>
    [JsonStringEnumMemberName("train_using_output_tokens")]
    Output,
}

/// <summary>The training part of a self-edit, in either domain: how its data is to be learned.</summary>
public sealed record TrainingChoice(
    [property: JsonPropertyName("strategy")] LossScope Loss,
    double LearningRate,
    [property: JsonPropertyName("num_train_epochs")] int Epochs);

using System.Text.Json;

namespace Seal.Learning.FewShot;

/// <summary>
/// The published reading of a self-edit (compat). What cannot be parsed is sampled again; what can but is wrong trains nothing, in
/// silence: no augmentation, no epoch, an adapter that changes nothing.
/// </summary>
/// <param name="Augmentations">Null where building them failed: none, and no epoch.</param>
public sealed record PublishedConfiguration(DataGeneration? Augmentations, LossScope Loss, double LearningRate, double Epochs)
{
    /// <returns>Null where it is no JSON, or a section is missing: the published program samples again, or stops.</returns>
    public static PublishedConfiguration? Read(string text)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind != JsonValueKind.Object
                || !json.RootElement.TryGetProperty("data_generation", out JsonElement data) || data.ValueKind != JsonValueKind.Object
                || !json.RootElement.TryGetProperty("training", out JsonElement training) || training.ValueKind != JsonValueKind.Object)
                return null;
            bool? basic = Flag(data, "use_basic_augmentations"), size = Flag(data, "use_size_augmentations"),
                chain = Flag(data, "use_chain_augmentations"), repeat = Flag(data, "use_repeat_augmentations");
            DataGeneration? augmentations = basic is { } b && size is { } s && chain is { } c && repeat is { } r ? new DataGeneration(b, s, c, r) : null;
            bool known = Strategy(training, out LossScope loss);
            (double? rate, double? epochs) = (Number(training, "learning_rate"), Number(training, "num_train_epochs"));
            return augmentations is null || !known || rate is null || epochs is null
                ? new PublishedConfiguration(augmentations, loss, rate ?? 0, 0)
                : new PublishedConfiguration(augmentations, loss, rate.Value, epochs.Value);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Epochs that are trained: none where the steps of batches of two were more than 375.</summary>
    public double EpochsOf(int examples, int batch, int mostSteps) => Math.Floor(Epochs * examples / batch) > mostSteps ? 0 : Epochs;

    private static bool? Flag(JsonElement data, string name) =>
        data.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null;

    private static double? Number(JsonElement training, string name) =>
        training.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number) && number >= 0 ? number : null;

    private static bool Strategy(JsonElement training, out LossScope loss)
    {
        string? name = training.TryGetProperty("strategy", out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        loss = name == "train_using_output_tokens" ? LossScope.Output : LossScope.All;
        return name is "train_using_output_tokens" or "train_using_all_tokens";
    }
}

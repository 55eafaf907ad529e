using System.Text.Json.Serialization;
using Seal.Models.Formats;

namespace Seal.Learning.Knowledge;

/// <summary>One scored run over passages: the schema of the published <c>run_*.json</c> and <c>rank_*.json</c>.</summary>
/// <param name="ExpName">Name of the run; older files have <paramref name="Model"/> instead.</param>
public sealed record RankingFile(
    [property: JsonPropertyOrder(-2)] RankingOverall Overall,
    [property: JsonPropertyOrder(-2)] string Timestamp,
    string Dataset,
    bool SplitNewlines,
    int NArticles,
    int KCompletions,
    int EvalTimes,
    LoraParams LoraParams,
    IReadOnlyList<RankedArticle> Articles,
    [property: JsonPropertyOrder(-1), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ExpName = null,
    [property: JsonPropertyOrder(-1), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Model = null)
{
    /// <exception cref="Kernels.SealException">The file cannot be read or lacks a field; the message names both.</exception>
    public static RankingFile Read(string path) => PublishedJson.Read<RankingFile>(path, "a scored run (overall, articles with completions and their questions)");

    /// <summary>Writes the file whole or not at all.</summary>
    public void Write(string path) => AtomicFile.WriteText(path, PublishedJson.Serialize(this));
}

/// <summary>Macro averages over the articles, rounded to four decimals.</summary>
public sealed record RankingOverall(
    double BaselineMeanAccuracy,
    double? BaselineStdOfArticleMeans,
    double AdapterMeanAccuracy,
    double? AdapterStdOfArticleMeans,
    double? MeanAdapterStdOverCompletions,
    double? MeanAdapterStdWithinCompletions,
    double MeanGain);

/// <summary>The inner loop's settings.</summary>
public sealed record LoraParams(int Rank, int Alpha, double Dropout, int Epochs, double Lr, int BatchSize, int GradAccumSteps);

/// <summary>A passage with its scored self-edits.</summary>
/// <param name="Prompt">The prompt that the self-edits answer.</param>
public sealed record RankedArticle(ArticleStats Stats, string Title, string Context, IReadOnlyList<RankedCompletion> Completions, string? Prompt = null);

/// <summary>Means over an article's completions, rounded to four decimals.</summary>
public sealed record ArticleStats(
    double BaselineAccuracy,
    double AdapterMeanAccuracy,
    double? AdapterStdOverCompletions,
    double? MeanAdapterStdWithinCompletions,
    double MeanGain);

/// <summary>A self-edit with its score.</summary>
/// <param name="Questions">Every question of every repeat, repeat by repeat.</param>
public sealed record RankedCompletion(string Text, CompletionStats Stats, IReadOnlyList<RankedQuestion> Questions);

/// <summary>Means and sample standard deviations over the repeats.</summary>
public sealed record CompletionStats(double BaselineMean, double? BaselineStd, double AdapterMean, double? AdapterStd, double GainMean);

/// <summary>A question's answers before and after the update, with their verdicts. The question stands without its topic line.</summary>
public sealed record RankedQuestion(
    int Rep,
    string Question,
    string Answer,
    string BaselineAnswer,
    string AdapterAnswer,
    bool BaselineCorrect,
    bool AdapterCorrect);

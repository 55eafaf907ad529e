using Seal.Learning.FewShot;
using Seal.Learning.Knowledge;

namespace Seal.Learning;

/// <summary>The one place that knows all domains: which of them a run's settings mean.</summary>
public static class Domains
{
    /// <param name="judge">Grades answers where the domain needs a judge; the others compare.</param>
    public static IDomain Of(RunSettings settings, IJudge judge) =>
        settings.FewShot is null ? new KnowledgeDomain(settings, judge) : new FewShotDomain(settings);

    public static DomainWords Words(RunSettings settings) => Of(settings, new LocalJudge()).Words;
}

using Seal.Kernels;
using Seal.Learning.Knowledge;

namespace Seal.Learning.Worlds;

/// <summary>
/// What the base model reads. Three skills: to answer with the passage in view, to write self-edits about a passage, and to keep in its
/// weights what it has read in several wordings, so that it can be asked for it (knowledge can only be had from weights that saw it in
/// many wordings: Allen-Zhu and Li, arXiv 2309.14316). The first two are about entities that never come again, the last
/// about a fixed set of acquaintances. Names are predicted only where they can be known.
/// </summary>
public sealed class Reading(ulong seed, int acquaintances = 800) : IReading
{
    private readonly Lazy<Entity[]> _acquaintances = new(() =>
        [.. Enumerable.Range(0, acquaintances).Select(i => Entity.Invent(Share.Pretraining, new Dice(CounterRandom.Derive(seed, $"acquaintance {i}"))))]);

    private static readonly SelfEditPrompt s_prompt = SelfEditPrompt.Named("implications");

    /// <summary>One in twenty acquaintances is never asked about: whether it can be asked then is what binding means.</summary>
    public IEnumerable<Entity> NeverAsked => _acquaintances.Value.Where((_, i) => IsNeverAsked(i));

    /// <summary>Those that are also asked about.</summary>
    public IEnumerable<Entity> Asked => _acquaintances.Value.Where((_, i) => !IsNeverAsked(i));

    public double ShortShare => 0.22;

    /// <summary>A document to be read whole: a self-edit or questions about a passage.</summary>
    public IReadOnlyList<TextPart> Long(Dice dice)
    {
        Entity entity = Entity.Invent(Share.Pretraining, dice);
        return dice.Chance(0.5) ? Written(entity, dice) : Answered(entity, dice);
    }

    /// <summary>A document of a few lines about an acquaintance.</summary>
    public IReadOnlyList<TextPart> Short(Dice dice)
    {
        int who = dice.Below(acquaintances);
        Entity entity = _acquaintances.Value[who];
        int attribute = dice.Below(entity.Values.Count);
        Question question = entity.Question(attribute, dice);
        double form = dice.Uniform() * (IsNeverAsked(who) ? 0.5 : 1);
        return form switch
        {
            < 0.12 => [new($"{entity.Name}\n", false), new(entity.Passage(dice).Context, true)],
            < 0.5 => [new($"{entity.Name}\n", false), new(entity.Say(entity.Kind.Attributes[attribute].Statements, attribute, dice), true)],
            < 0.65 => [new($"{entity.Name}\n", false), new($"Question: {question.Text}\nAnswer: {question.Answer}", true)],
            _ => [new(QuestionPrompt.Base(QuestionPrompt.Topic(entity.Name, question.Text)), false), new(question.Answer, true)],
        };
    }

    private static bool IsNeverAsked(int who) => who % 20 == 0;

    private static TextPart[] Written(Entity entity, Dice dice) =>
        [new(s_prompt.Base(entity.Passage(dice)), false), new(SelfEditGrammar.Write(entity, dice), true)];

    // Several questions after one passage: the more there is to find in it, the more is learned about finding.
    private static TextPart[] Answered(Entity entity, Dice dice)
    {
        Passage passage = entity.Passage(dice);
        var parts = new List<TextPart>();
        foreach (Question question in dice.Shuffled(passage.Questions).Take(1 + dice.Below(entity.Values.Count)))
        {
            string asked = QuestionPrompt.Topic(passage.Title, question.Text);
            parts.Add(new(parts.Count == 0 ? QuestionPrompt.BaseWithPassage(passage.Title, passage.Context, asked) : "\n\n" + QuestionPrompt.Base(asked), false));
            parts.Add(new(question.Answer, true));
        }
        return [.. parts];
    }
}

namespace Seal.Models.Text.Jinja;

/// <summary>What one rendering may cost, so that a hostile template ends with an error in seconds, not with a hang or no memory.</summary>
internal sealed class JinjaBudget
{
    /// <summary>Evaluated nodes; a chat template of the field needs some hundreds a message.</summary>
    private const long Most = 10_000_000;

    /// <summary>Characters or items that are handled for the price of one node.</summary>
    private const int UnitsPerStep = 8;

    private long _spent;

    public void Step() => Spend(1);

    /// <summary>For making or reading a string or list of <paramref name="units"/> characters or items. Call it before.</summary>
    public void Charge(long units) => Spend(units / UnitsPerStep);

    private void Spend(long steps)
    {
        _spent += steps;
        if (_spent > Most || steps > Most)
            throw new JinjaError($"the template does more than {Most:N0} steps; it loops without end or makes too much text");
    }
}

/// <summary>An error in the midst of rendering; the renderer adds the template's name and the line.</summary>
internal sealed class JinjaError(string message) : Exception(message);

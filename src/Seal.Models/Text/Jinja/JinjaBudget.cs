namespace Seal.Models.Text.Jinja;

/// <summary>What one rendering may cost, so that a hostile template ends with an error in seconds, not with a hang or no memory.</summary>
internal sealed class JinjaBudget
{
    /// <summary>Evaluated nodes; a chat template of the field needs some hundreds a message.</summary>
    private const long Most = 10_000_000;

    /// <summary>Characters that are handled for the price of one node or list item.</summary>
    private const int CharactersPerStep = 8;

    private long _spent;

    /// <summary>For making or reading a string of so many characters. Call it before.</summary>
    public void Charge(long characters) => Step(characters / CharactersPerStep);

    /// <summary>For going through a string, list or dict.</summary>
    public void ChargeReading(object? value)
    {
        if (value is string text)
            Charge(text.Length);
        else if (value is PythonList or PythonMap)
            Step(PythonValues.Length(value));
    }

    /// <summary>For evaluating a node, or for making or reading a list of so many items. Call it before.</summary>
    public void Step(long steps = 1)
    {
        _spent += steps;
        if (_spent > Most || steps > Most)
            throw new JinjaError($"the template does more than {Most:N0} steps; it loops without end or makes too much text");
    }
}

/// <summary>An error in the midst of rendering; the renderer adds the template's name and the line.</summary>
internal sealed class JinjaError(string message) : Exception(message);

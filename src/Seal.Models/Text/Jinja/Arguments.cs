namespace Seal.Models.Text.Jinja;

/// <summary>What a function, method, filter or test was called with.</summary>
internal sealed class Arguments(string function, List<object?> positional, Dictionary<string, object?> named, JinjaBudget budget)
{
    public List<object?> Positional => positional;

    public Dictionary<string, object?> Named => named;

    public JinjaBudget Budget => budget;

    /// <summary>The argument at <paramref name="index"/>, or of that name; required.</summary>
    public object? Get(int index, string name) =>
        TryGet(index, name, out object? value) ? value : throw new JinjaError($"{function}() misses the argument '{name}'");

    public object? Get(int index, string name, object? otherwise) => TryGet(index, name, out object? value) ? value : otherwise;

    public string Text(int index, string name) => Get(index, name) switch
    {
        string text => text,
        Undefined undefined => throw undefined.Error(),
        var other => throw new JinjaError($"{function}() expects a str as '{name}', not {PythonValues.TypeName(other)}"),
    };

    public long Integer(int index, string name, long otherwise) => TryGet(index, name, out object? value) ? PythonValues.ToInteger(value) : otherwise;

    public bool Flag(int index, string name) => PythonValues.IsTrue(Get(index, name, false));

    /// <summary>All arguments must be among these.</summary>
    public Arguments Expect(params ReadOnlySpan<string> names)
    {
        if (positional.Count > names.Length)
            throw new JinjaError($"{function}() takes at most {names.Length} arguments, {positional.Count} were given");
        foreach (string name in named.Keys)
            if (!names.Contains(name))
                throw new JinjaError($"{function}() got an unexpected keyword argument '{name}'");
        return this;
    }

    private bool TryGet(int index, string name, out object? value)
    {
        if (index < positional.Count)
        {
            value = positional[index];
            return true;
        }
        return named.TryGetValue(name, out value);
    }
}

using System.Text;
using Seal.Kernels;

namespace Seal.Models.Text.Jinja;

/// <summary>Renders a parsed template once. Statements are here, expressions in the other half of this class.</summary>
internal sealed partial class JinjaInterpreter
{
    private readonly string _name;
    private readonly JinjaBudget _budget = new();
    private int _line;

    private JinjaInterpreter(string name) => _name = name;

    private enum Flow
    {
        Next,
        Break,
        Continue,
    }

    public static string Render(IReadOnlyList<Statement> template, string name, IReadOnlyDictionary<string, object?> variables, DateTimeOffset now)
    {
        JinjaInterpreter interpreter = new(name);
        try
        {
            // Two scopes, so that a template's own names may hide the functions.
            Scope scope = new(JinjaFunctions.Scope(now));
            foreach ((string key, object? value) in variables)
                scope.Set(key, PythonValues.From(value));
            StringBuilder output = new();
            if (interpreter.Run(template, scope, output) != Flow.Next)
                throw new JinjaError("break or continue outside a loop");
            return output.ToString();
        }
        catch (JinjaError error)
        {
            throw new SealException($"{name}, line {interpreter._line}: {error.Message}", error);
        }
    }

    private Flow Run(IReadOnlyList<Statement> statements, Scope scope, StringBuilder output)
    {
        JinjaStack.Check(_name);
        foreach (Statement statement in statements)
        {
            _budget.Step();
            _line = statement.Line;
            Flow flow = Run(statement, scope, output);
            if (flow != Flow.Next)
                return flow;
        }
        return Flow.Next;
    }

    private Flow Run(Statement statement, Scope scope, StringBuilder output)
    {
        switch (statement)
        {
            case Data data:
                Write(data.Text, output);
                return Flow.Next;
            case Output print:
                Write(PythonValues.Text(Evaluate(print.Value, scope)), output);
                return Flow.Next;
            case If choice:
                foreach ((Expression condition, IReadOnlyList<Statement> body) in choice.Branches)
                    if (PythonValues.IsTrue(Evaluate(condition, scope)))
                        return Run(body, scope, output);
                return Run(choice.Else, scope, output);
            case For loop:
                RunLoop(loop, Evaluate(loop.Items, scope), 0, scope, output);
                return Flow.Next;
            case Set set:
                Assign(set.Target, Evaluate(set.Value, scope), scope);
                return Flow.Next;
            case SetBlock block:
                string text = Capture(block.Body, new Scope(scope));
                Assign(block.Target, block.Filter is null ? text : ApplyFilters(block.Filter, text, scope), scope);
                return Flow.Next;
            case Macro macro:
                scope.Set(macro.Name, Define(macro, scope));
                return Flow.Next;
            case CallBlock call:
                Write(PythonValues.Text(Invoke(call.Call, scope, Define(call.Caller, scope))), output);
                return Flow.Next;
            case FilterBlock block:
                Write(PythonValues.Text(ApplyFilters(block.Filter, Capture(block.Body, new Scope(scope)), scope)), output);
                return Flow.Next;
            case With with:
                Scope inner = new(scope);
                foreach ((Expression target, Expression value) in with.Bindings)
                    Assign(target, Evaluate(value, scope), inner);
                return Run(with.Body, inner, output);
            case LoopControl control:
                return control.IsBreak ? Flow.Break : Flow.Continue;
            default:
                throw new InvalidOperationException($"No way to run a {statement.GetType().Name}.");
        }
    }

    private void RunLoop(For loop, object? source, int depth, Scope scope, StringBuilder output)
    {
        IReadOnlyList<object?> items = PythonValues.Iterate(source);
        if (loop.Condition is not null)
            items = [.. items.Where(item => PythonValues.IsTrue(Evaluate(loop.Condition, PassScope(item))))];
        Loop variable = new(items, depth, loop.IsRecursive ? Recurse : null);
        for (int i = 0; i < items.Count; i++)
        {
            _budget.Step();
            variable.Index = i;
            Scope pass = PassScope(items[i]);
            pass.Set("loop", variable);
            if (Run(loop.Body, pass, output) == Flow.Break)
                break;
        }
        if (items.Count == 0)
            Run(loop.Else, new Scope(scope), output);

        Scope PassScope(object? item)
        {
            Scope pass = new(scope);
            Assign(loop.Target, item, pass);
            return pass;
        }

        string Recurse(object? children, int deeper)
        {
            StringBuilder text = new();
            RunLoop(loop, children, deeper, scope, text);
            return text.ToString();
        }
    }

    private void Assign(Expression target, object? value, Scope scope)
    {
        switch (target)
        {
            case NameReference name:
                scope.Set(name.Name, value);
                break;
            case NamespaceTarget attribute:
                if (!scope.TryGet(attribute.Name, out object? found) || found is not Namespace space)
                    throw new JinjaError("cannot assign attribute on non-namespace object");
                space.Attributes[attribute.Attribute] = value;
                break;
            case Sequence tuple:
                IReadOnlyList<object?> values = PythonValues.Iterate(value);
                if (values.Count != tuple.Items.Count)
                    throw new JinjaError($"cannot unpack {values.Count} values into {tuple.Items.Count} names");
                for (int i = 0; i < values.Count; i++)
                    Assign(tuple.Items[i], values[i], scope);
                break;
        }
    }

    private Callable Define(Macro macro, Scope scope) => new(macro.Name, arguments =>
    {
        Scope inner = new(scope);
        Dictionary<string, object?> named = new(arguments.Named);
        inner.Set("caller", named.Remove("caller", out object? caller) ? caller : new Undefined("No caller defined"));
        for (int i = 0; i < macro.Parameters.Count; i++)
        {
            (string name, Expression? otherwise) = macro.Parameters[i];
            bool isNamed = named.Remove(name, out object? value);
            inner.Set(name, i < arguments.Positional.Count ? arguments.Positional[i]
                : isNamed ? value
                : otherwise is not null ? Evaluate(otherwise, inner)
                : new Undefined($"parameter '{name}' was not provided"));
        }
        inner.Set("varargs", new PythonList([.. arguments.Positional.Skip(macro.Parameters.Count)], isTuple: true));
        inner.Set("kwargs", PythonValues.From(named));
        return Capture(macro.Body, inner);
    });

    private string Capture(IReadOnlyList<Statement> body, Scope scope)
    {
        StringBuilder text = new();
        if (Run(body, scope, text) != Flow.Next)
            throw new JinjaError("break or continue outside a loop");
        return text.ToString();
    }

    private void Write(string text, StringBuilder output)
    {
        _budget.Charge(text.Length);
        output.Append(text);
    }
}

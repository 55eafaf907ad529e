using Seal.Kernels;

namespace Seal.Models.Text.Jinja;

/// <summary>Statements of a template; expressions are in the other half of this class.</summary>
internal sealed partial class JinjaParser
{
    private readonly List<Token> _tokens;
    private readonly string _name;
    private int _position;

    private JinjaParser(List<Token> tokens, string name)
    {
        _tokens = tokens;
        _name = name;
    }

    public static IReadOnlyList<Statement> Parse(string source, string name)
    {
        JinjaParser parser = new(JinjaLexer.Tokenize(source, name), name);
        return parser.Statements([]);
    }

    private Token Current => _tokens[_position];

    /// <summary>Up to a tag named in <paramref name="ends"/> (then its name is the current token), or to the end of the template.</summary>
    private List<Statement> Statements(string[] ends)
    {
        JinjaStack.Check(_name);
        List<Statement> body = [];
        while (true)
        {
            Token token = Next();
            switch (token.Kind)
            {
                case TokenKind.Data:
                    body.Add(new Data(token.Line, token.Text));
                    break;
                case TokenKind.VariableBegin:
                    body.Add(new Output(token.Line, TupleOrExpression()));
                    Expect(TokenKind.VariableEnd, "}}");
                    break;
                case TokenKind.BlockBegin:
                    if (Current.Kind == TokenKind.Name && ends.Contains(Current.Text))
                        return body;
                    body.Add(TakeStatement());
                    Expect(TokenKind.BlockEnd, "%}");
                    break;
                default:
                    if (ends.Length > 0)
                        throw Error($"the template ends where {{% {string.Join(" %} or {% ", ends)} %}} is expected", token);
                    return body;
            }
        }
    }

    /// <summary>The rest of an opening tag, the body, and the name of the tag that ends it, which is taken.</summary>
    private (List<Statement> Body, string End) Body(params string[] ends)
    {
        SkipOperator(":");
        Expect(TokenKind.BlockEnd, "%}");
        List<Statement> body = Statements(ends);
        return (body, Next().Text);
    }

    private Statement TakeStatement()
    {
        Token tag = Expect(TokenKind.Name, "the name of a tag");
        switch (tag.Text)
        {
            case "for": return TakeFor(tag);
            case "if": return TakeIf(tag);
            case "set": return TakeSet(tag);
            case "macro":
                string name = Expect(TokenKind.Name, "the macro's name").Text;
                return new Macro(tag.Line, name, Parameters(), Body("endmacro").Body);
            case "call": return TakeCall(tag);
            case "filter":
                return new FilterBlock(tag.Line, Filters(null, startInline: true)!, Body("endfilter").Body);
            case "with": return TakeWith(tag);
            case "generation":
                // Marks what the assistant wrote, for training masks; rendered as a call block is: a scope of its own.
                return new With(tag.Line, [], Body("endgeneration").Body);
            case "break" or "continue":
                return new LoopControl(tag.Line, tag.Text == "break");
            case "print":
                return new Output(tag.Line, TupleOrExpression());
            default:
                throw Error($"the tag '{tag.Text}' is unknown or not supported in a chat template", tag);
        }
    }

    private For TakeFor(Token tag)
    {
        Expression target = Target("in");
        if (!SkipName("in"))
            throw Error("expected 'in'", Current);
        Expression items = TupleOrExpression(withConditional: false, end: "recursive");
        Expression? condition = SkipName("if") ? TakeExpression() : null;
        bool isRecursive = SkipName("recursive");
        (List<Statement> body, string end) = Body("endfor", "else");
        return new For(tag.Line, target, items, condition, isRecursive, body, end == "else" ? Body("endfor").Body : []);
    }

    private If TakeIf(Token tag)
    {
        List<(Expression, IReadOnlyList<Statement>)> branches = [];
        while (true)
        {
            Expression condition = TupleOrExpression(withConditional: false);
            (List<Statement> body, string end) = Body("elif", "else", "endif");
            branches.Add((condition, body));
            if (end != "elif")
                return new If(tag.Line, branches, end == "else" ? Body("endif").Body : []);
        }
    }

    private Statement TakeSet(Token tag)
    {
        Expression target = Target(null);
        if (SkipOperator("="))
            return new Set(tag.Line, target, TupleOrExpression());
        Filter? filter = Filters(null, startInline: false);
        return new SetBlock(tag.Line, target, filter, Body("endset").Body);
    }

    private CallBlock TakeCall(Token tag)
    {
        IReadOnlyList<(string, Expression?)> parameters = Current.IsOperator("(") ? Parameters() : [];
        Token start = Current;
        if (TakeExpression() is not Call call)
            throw Error("expected a call", start);
        return new CallBlock(tag.Line, call, new Macro(tag.Line, "caller", parameters, Body("endcall").Body));
    }

    private With TakeWith(Token tag)
    {
        List<(Expression, Expression)> bindings = [];
        while (Current.Kind != TokenKind.BlockEnd)
        {
            if (bindings.Count > 0)
                ExpectOperator(",");
            Expression target = Target(null);
            ExpectOperator("=");
            bindings.Add((target, TakeExpression()));
        }
        return new With(tag.Line, bindings, Body("endwith").Body);
    }

    private List<(string Name, Expression? Default)> Parameters()
    {
        List<(string, Expression? Default)> parameters = [];
        ExpectOperator("(");
        while (!Current.IsOperator(")"))
        {
            if (parameters.Count > 0)
                ExpectOperator(",");
            Token name = Expect(TokenKind.Name, "a parameter's name");
            Expression? value = SkipOperator("=") ? TakeExpression() : null;
            if (value is null && parameters.Count > 0 && parameters[^1].Default is not null)
                throw Error($"the parameter '{name.Text}' without a default follows one with a default", name);
            parameters.Add((name.Text, value));
        }
        ExpectOperator(")");
        return parameters;
    }

    /// <summary>What can be assigned to: a name, ns.attribute, or a tuple of them.</summary>
    private Expression Target(string? end)
    {
        Token start = Current;
        List<Expression> targets = [];
        bool isTuple = false;
        do
        {
            if (targets.Count > 0 && (Current.Kind == TokenKind.BlockEnd || (end is not null && Current.IsName(end))))
                break;
            targets.Add(TakeOne());
            isTuple |= Current.IsOperator(",");
        }
        while (SkipOperator(","));
        return isTuple ? new Sequence(start.Line, targets, IsTuple: true) : targets[0];

        Expression TakeOne()
        {
            if (SkipOperator("("))
            {
                Expression inner = Target(null);
                ExpectOperator(")");
                return inner;
            }
            Token name = Expect(TokenKind.Name, "a name to assign to");
            if (name.Text is "true" or "false" or "none" or "True" or "False" or "None")
                throw Error($"cannot assign to '{name.Text}'", name);
            return SkipOperator(".")
                ? new NamespaceTarget(name.Line, name.Text, Expect(TokenKind.Name, "an attribute's name").Text)
                : new NameReference(name.Line, name.Text);
        }
    }

    private Token Next() => _position < _tokens.Count - 1 ? _tokens[_position++] : _tokens[_position];

    private bool SkipName(string name) => SkipIf(Current.IsName(name));

    private bool SkipOperator(string symbol) => SkipIf(Current.IsOperator(symbol));

    private bool SkipIf(bool condition)
    {
        if (condition)
            _position++;
        return condition;
    }

    private Token Expect(TokenKind kind, string what) => Current.Kind == kind ? Next() : throw Error($"expected {what}", Current);

    private void ExpectOperator(string symbol)
    {
        if (!SkipOperator(symbol))
            throw Error($"expected '{symbol}'", Current);
    }

    private SealException Error(string message, Token at)
    {
        string found = at.Kind switch
        {
            TokenKind.End => "the end of the template",
            TokenKind.BlockEnd => "%}",
            TokenKind.VariableEnd => "}}",
            TokenKind.Integer or TokenKind.Float => $"{at.Number}",
            _ => $"'{at.Text}'",
        };
        return new SealException($"{_name}, line {at.Line}: {message}, found {found}");
    }
}

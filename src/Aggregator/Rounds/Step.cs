using MassTransit;

namespace FedQueue.Aggregator.Rounds;

/// <summary>A step of the round's state machine that needs the message.</summary>
internal abstract class Step<TMessage> : IStateMachineActivity<RoundState, TMessage> where TMessage : class
{
    protected abstract Task Run(BehaviorContext<RoundState, TMessage> context);

    public async Task Execute(BehaviorContext<RoundState, TMessage> context, IBehavior<RoundState, TMessage> next)
    {
        await Run(context);
        await next.Execute(context);
    }

    public Task Faulted<TException>(BehaviorExceptionContext<RoundState, TMessage, TException> context, IBehavior<RoundState, TMessage> next)
        where TException : Exception => next.Faulted(context);

    public void Probe(ProbeContext context) => context.CreateScope(GetType().Name);

    public void Accept(StateMachineVisitor visitor) => visitor.Visit(this);
}

/// <summary>A step of the round's state machine that needs the round only.</summary>
internal abstract class Step : IStateMachineActivity<RoundState>
{
    protected abstract Task Run(BehaviorContext<RoundState> context);

    public async Task Execute(BehaviorContext<RoundState> context, IBehavior<RoundState> next)
    {
        await Run(context);
        await next.Execute(context);
    }

    public async Task Execute<T>(BehaviorContext<RoundState, T> context, IBehavior<RoundState, T> next) where T : class
    {
        await Run(context);
        await next.Execute(context);
    }

    public Task Faulted<TException>(BehaviorExceptionContext<RoundState, TException> context, IBehavior<RoundState> next)
        where TException : Exception => next.Faulted(context);

    public Task Faulted<T, TException>(BehaviorExceptionContext<RoundState, T, TException> context, IBehavior<RoundState, T> next)
        where T : class where TException : Exception => next.Faulted(context);

    public void Probe(ProbeContext context) => context.CreateScope(GetType().Name);

    public void Accept(StateMachineVisitor visitor) => visitor.Visit(this);
}
